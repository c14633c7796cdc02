using System.Diagnostics;
using OrleansKv.Drill.Client;

namespace OrleansKv.Drill.Load;

/// <summary>Reads every key that was ever written, and compares it with what was acknowledged. The writers stand still meanwhile.</summary>
internal sealed class Verifier(ClusterClient client, int timeoutMs, CancellationToken stop)
{
    private const int PauseMs = 10;

    /// <summary>Looks at all keys; those of which nobody answers within the time limit of the whole count as unreadable.</summary>
    public Findings Verify(IEnumerable<TrackedKey> keys)
    {
        var findings = new Findings();
        long start = Stopwatch.GetTimestamp();
        foreach (TrackedKey key in keys.Where(key => !key.IsJudged))
        {
            Outcome outcome = client.Call(key.Slot, key.ReadCommand);
            while (outcome.Fate != Fate.Done && Stopwatch.GetElapsedTime(start).TotalMilliseconds < timeoutMs)
            {
                stop.WaitHandle.WaitOne(PauseMs);
                stop.ThrowIfCancellationRequested();
                outcome = client.Call(key.Slot, key.ReadCommand);
            }
            findings += outcome.Fate == Fate.Done ? key.Verify(outcome.Reply!) : new Findings(Unreadable: 1);
        }
        return findings;
    }
}
