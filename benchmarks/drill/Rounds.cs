using System.Diagnostics;
using System.Globalization;
using OrleansKv.Drill.Linearizability;
using OrleansKv.Drill.Load;
using OrleansKv.Drill.Servers;

namespace OrleansKv.Drill;

/// <summary>
/// What one fault did. Times are milliseconds from the fault (a stopped process's end), infinite where it took longer than anybody waited.
/// </summary>
/// <param name="Acknowledged">Writes of the writers in this round.</param>
/// <param name="Unknown">Writes of the writers in this round whose outcome nobody knows.</param>
/// <param name="Check">What redis-cli --cluster check found once the cluster was whole again.</param>
internal sealed record RoundResult(
    int Number, Fault Fault, int Victim, bool VictimOwnedSlots, long Acknowledged, long Unknown, double WholeMs, CheckResult Check, LoadResult Load)
{
    public double FirstMs => Load.Outages.Max(outage => outage.BackMs);

    public double GapMs => Load.Outages.Max(outage => outage.GapMs);

    public bool AnyWrong => Check.IsClean is false || Load.Findings.AnyWrong || Load.RegistersWith(Verdict.NotLinearizable) > 0;
}

/// <summary>Holds the drill: round by round a fault, and afterwards the reckoning.</summary>
internal sealed class Rounds(Options options, Cluster cluster, ClusterLoad load, Random random, CancellationToken stop)
{
    private const int PollMs = 2;
    private const int MinBeforeMs = 1000;
    private const int MaxBeforeMs = 2000;
    private const int AfterMs = 1000;
    private const int MaxMovingMs = 700;

    private long _acknowledged;
    private long _unknown;

    public RoundResult Run(int number)
    {
        Fault fault = options.Faults[(number - 1) % options.Faults.Count];
        cluster.WaitUntilWhole(options.RecoveryMs);
        if (!WaitUntil(IsReplicated, options.RecoveryMs))
            throw new InvalidOperationException($"WAIT {options.Replicas} is not answered by as many replicas for every group of slots");
        IReadOnlyList<Node> owners = cluster.Owners();
        Node victim = Choose(owners);
        load.Run();
        Wait(random.Next(MinBeforeMs, MaxBeforeMs));

        long at = Inject(fault, victim);
        WaitUntil(() => load.HasWrittenEverywhereSince(at), options.RecoveryMs);
        // Long enough for what was at work in the fault's shadow to show itself.
        Wait(AfterMs);
        if (!victim.IsRunning)
            victim.Start();
        double wholeMs = WaitUntil(() => cluster.WhyNotWhole() is null && IsReplicated(), options.RecoveryMs)
            ? Stopwatch.GetElapsedTime(at).TotalMilliseconds
            : double.PositiveInfinity;
        Wait(AfterMs);
        LoadResult result = load.HoldAndVerify(at);
        // Slots may still be on their way to the node that came back.
        CheckResult check = default;
        WaitUntil(() => (check = cluster.Check()).IsClean is not false, double.IsFinite(wholeMs) ? options.RecoveryMs : 0);
        return Reckon(number, fault, victim, owners.Contains(victim), wholeMs, check, result);
    }

    // Where nodes tell how many copies there are, the cluster was not whole before they were there.
    private bool IsReplicated() => options.Server.TellsCopies || load.IsReplicated(options.Replicas);

    private RoundResult Reckon(int number, Fault fault, Node victim, bool ownedSlots, double wholeMs, CheckResult check, LoadResult result)
    {
        var round = new RoundResult(
            number, fault, victim.Index, ownedSlots, result.Acknowledged - _acknowledged, result.Unknown - _unknown, wholeMs, check, result);
        _acknowledged = result.Acknowledged;
        _unknown = result.Unknown;
        return round;
    }

    private Node Choose(IReadOnlyList<Node> owners) => options.Victim switch
    {
        "owner" => owners[random.Next(owners.Count)],
        "any" => cluster.Nodes[random.Next(cluster.Nodes.Count)],
        string number => cluster.Nodes[int.Parse(number, CultureInfo.InvariantCulture) % cluster.Nodes.Count],
    };

    // Gives the moment of the fault; no write that is begun later can have come before it.
    private long Inject(Fault fault, Node victim)
    {
        long at;
        switch (fault)
        {
            case Fault.Kill:
                return victim.Kill();
            case Fault.Restart:
                at = victim.Kill();
                victim.Start();
                return at;
            case Fault.Pause:
                at = victim.Pause();
                Wait(options.PauseMs);
                victim.Resume();
                return at;
            case Fault.Stop:
                return victim.StopGracefully();
            case Fault.Moving:
                return KillWhileSlotsMove(victim);
            default:
                return Disconnect(fault, victim.Index);
        }
    }

    // It has just been given its first slots back, and gets more.
    private long KillWhileSlotsMove(Node victim)
    {
        victim.StopGracefully();
        victim.Start();
        if (!WaitUntil(() => cluster.OwnsSlots(victim), options.RecoveryMs))
            throw new InvalidOperationException($"node {victim.Index} is given no slots");
        Wait(random.Next(MaxMovingMs));
        return victim.Kill();
    }

    private long Disconnect(Fault fault, int victim)
    {
        Isolation networks = cluster.Networks!;
        if (fault == Fault.Cut)
            networks.Cut(victim);
        else if (fault == Fault.Pair)
            networks.CutPair(victim, (victim + 1) % cluster.Nodes.Count);
        else
            Isolation.Plug(victim, isIn: false);
        long at = Stopwatch.GetTimestamp();
        Wait(options.PauseMs);
        if (fault == Fault.Unplug)
            Isolation.Plug(victim, isIn: true);
        else
            networks.Heal(victim);
        return at;
    }

    private void Wait(int milliseconds)
    {
        stop.WaitHandle.WaitOne(milliseconds);
        stop.ThrowIfCancellationRequested();
    }

    private bool WaitUntil(Func<bool> condition, int timeoutMs)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > timeoutMs)
                return false;
            Wait(PollMs);
        }
        return true;
    }
}
