// Stands for Orleans.Runtime.MembershipService.LocalSiloHealthMonitor: whether this silo is in a state to judge others.
using Orleans.Configuration;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// A silo that runs late sees late answers and would accuse the wrong one. So a timer of its own measures how late this process gets to run: a
/// tick that comes late by more than half a probe's time taints the judgement for as long as a suspicion takes to build up.
/// </summary>
internal sealed class LocalHealth(ClusterMembershipOptions options, TimeProvider time)
{
    private const int TicksAProbe = 5;

    private long _taintedAt;
    private bool _isTainted;

    /// <summary>What is late by less is on time.</summary>
    public TimeSpan Tolerance { get; } = options.ProbeTimeout / 2;

    /// <summary>Whether a tick has come late in the time that a suspicion takes.</summary>
    public bool IsDegraded =>
        options.ExtendProbeTimeoutDuringDegradation
        && Volatile.Read(ref _isTainted)
        && time.GetElapsedTime(Volatile.Read(ref _taintedAt)) < options.ProbeTimeout * options.NumMissedProbesLimit;

    /// <summary>Ticks until the token ends it. After a pause in which others may have given this silo up, <paramref name="onPause"/> is called.</summary>
    public async Task RunAsync(Action<TimeSpan> onPause, CancellationToken cancellationToken)
    {
        TimeSpan period = options.ProbeTimeout / TicksAProbe;
        while (true)
        {
            long start = time.GetTimestamp();
            await time.WaitAsync(period, cancellationToken);
            TimeSpan lateness = time.GetElapsedTime(start) - period;
            if (lateness <= Tolerance)
                continue;
            Volatile.Write(ref _taintedAt, time.GetTimestamp());
            Volatile.Write(ref _isTainted, true);
            if (lateness >= options.ProbeTimeout)
                onPause(lateness);
        }
    }
}
