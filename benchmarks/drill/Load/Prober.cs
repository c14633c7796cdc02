using System.Diagnostics;
using OrleansKv.Drill.Client;

namespace OrleansKv.Drill.Load;

/// <summary>Writes to one key of a group of slots every few milliseconds and notes when it was acknowledged.</summary>
internal sealed class Prober(int group, int groups, ClusterClient client, CancellationToken stop) : IWorker
{
    private const int PauseMs = 5;

    private readonly string _key = HashSlot.KeyIn("drill:probe:", group, groups);
    private readonly List<(long Begun, long Acknowledged)> _writes = [];
    private long _lastBegun;
    private long _count;

    /// <summary>When the last acknowledged write was begun, in ticks of <see cref="Stopwatch"/>.</summary>
    public long LastBegun => Volatile.Read(ref _lastBegun);

    public void Step()
    {
        long begun = Stopwatch.GetTimestamp();
        Outcome outcome = client.Call(HashSlot.Of(_key), "SET", _key, $"{++_count}");
        if (outcome.Fate == Fate.Done)
        {
            _writes.Add((begun, Stopwatch.GetTimestamp()));
            Volatile.Write(ref _lastBegun, begun);
        }
        stop.WaitHandle.WaitOne(PauseMs);
    }

    public void Dispose() => client.Dispose();

    /// <summary>Tells how the group fared, and forgets; while the prober stands still.</summary>
    public Outage TakeOutage(long fault)
    {
        var outage = Outage.Of(_writes, fault);
        _writes.Clear();
        return outage;
    }
}

/// <summary>How long a group of slots took no writes.</summary>
/// <param name="BackMs">From the fault until a write was acknowledged that was begun after it; infinite if none was.</param>
/// <param name="GapMs">The longest time between two acknowledgements from shortly before the fault to the end of the round.</param>
internal readonly record struct Outage(double BackMs, double GapMs)
{
    /// <summary>Writes in the order in which they were made, one at a time.</summary>
    public static Outage Of(IReadOnlyList<(long Begun, long Acknowledged)> writes, long fault)
    {
        double backMs = double.PositiveInfinity;
        double gapMs = 0;
        for (int i = 0; i < writes.Count; i++)
        {
            (long begun, long acknowledged) = writes[i];
            if (acknowledged <= fault)
                continue;
            if (i > 0)
                gapMs = Math.Max(gapMs, Ms(acknowledged - writes[i - 1].Acknowledged));
            if (begun >= fault && double.IsInfinity(backMs))
                backMs = Ms(acknowledged - fault);
        }
        return new Outage(backMs, double.IsInfinity(backMs) ? backMs : gapMs);
    }

    private static double Ms(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
