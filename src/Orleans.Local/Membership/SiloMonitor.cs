// Stands for Orleans.Runtime.MembershipService.SiloHealthMonitor: one silo's watch over one other.
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Probes a silo once in every ProbeTimeout. Misses in a row make a suspect; then another silo is asked to probe it, and if that does not reach it
/// either, <paramref name="accuse"/> is called with that witness, or without one where none could be asked; so after every further miss.
/// </summary>
internal sealed class SiloMonitor(
    SiloAddress target,
    IMembershipLink link,
    LocalHealth health,
    ClusterMembershipOptions options,
    TimeProvider time,
    Func<SiloAddress, SiloAddress?> chooseWitness,
    Func<SiloAddress, SiloAddress?, CancellationToken, Task> accuse)
{
    private readonly CancellationTokenSource _stop = new();
    private int _missed;

    private enum Outcome
    {
        Answered,
        Missed,

        /// <summary>This silo was itself too late to tell.</summary>
        Unknown,
    }

    /// <summary>Probes missed in a row.</summary>
    public int Missed => Volatile.Read(ref _missed);

    public void Start() => _ = RunAsync(_stop.Token);

    public void Stop() => _stop.Cancel();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                long start = time.GetTimestamp();
                await JudgeAsync(cancellationToken);
                await time.WaitAsync(UntilNextProbe(start), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>A connection that is refused says more than a silence, so the next probe after it comes sooner.</summary>
    private TimeSpan UntilNextProbe(long start)
    {
        TimeSpan period = Missed == 0 ? options.ProbeTimeout : options.ProbeTimeout / 4;
        return period - time.GetElapsedTime(start);
    }

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        Outcome outcome = await TryProbeAsync(
            token => AlwaysAsync(link.ProbeAsync(target, token)), options.ProbeTimeout, cancellationToken);
        if (outcome == Outcome.Answered)
            Volatile.Write(ref _missed, 0);
        if (outcome != Outcome.Missed)
            return;
        Volatile.Write(ref _missed, Missed + 1);
        if (Missed < options.NumMissedProbesLimit)
            return;
        await ConfirmAsync(cancellationToken);
    }

    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        if (options.EnableIndirectProbes && chooseWitness(target) is SiloAddress witness)
        {
            bool hasJudged = false;
            Outcome outcome = await TryProbeAsync(
                async token =>
                {
                    bool isReached = await link.ProbeIndirectlyAsync(witness, target, options.ProbeTimeout, token);
                    hasJudged = true;
                    return isReached;
                },
                options.ProbeTimeout * 1.5,
                cancellationToken);
            if (outcome == Outcome.Answered)
                Volatile.Write(ref _missed, 0);
            if (outcome == Outcome.Missed)
                await accuse(target, hasJudged ? witness : null, cancellationToken);
        }
        else
        {
            await accuse(target, null, cancellationToken);
        }
    }

    /// <summary>Does not count as a miss what this silo's own slowness may have caused.</summary>
    private async Task<Outcome> TryProbeAsync(
        Func<CancellationToken, Task<bool>> probeAsync, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (await probeAsync(either.Token).WaitAsync(either.Token))
                return Outcome.Answered;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        bool isLate = time.GetElapsedTime(start) > limit + health.Tolerance;
        return isLate || health.IsDegraded ? Outcome.Unknown : Outcome.Missed;
    }

    private static async Task<bool> AlwaysAsync(Task probe)
    {
        await probe;
        return true;
    }
}
