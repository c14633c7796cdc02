// Stands for Orleans.Runtime.MembershipService.ClusterHealthMonitor: which silos this one watches, and its votes against them.
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// An active silo watches its successors on the ring and everybody whom another suspects. Its vote against a silo goes into that one's row; the
/// vote that completes the number needed declares it dead in the same change. The number needed is never more than the silos that could vote:
/// the active ones, other than the accused, that show signs of life in the table. Votes of silos without a voice do not count, so what one
/// that was cut off claimed about the others dies with it.
/// </summary>
internal sealed partial class FailureDetector(
    SiloAddress self,
    IMembershipLink link,
    LocalHealth health,
    MembershipTableAccess access,
    ClusterMembershipOptions options,
    TimeProvider time,
    ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, SiloMonitor> _monitors = [];
    private bool _isStopped;

    /// <summary>Whether the silo is one that may judge others: only active ones do.</summary>
    public static bool MayJudge(MembershipTableData? data, SiloAddress self) =>
        data?.TryGet(self)?.Item1.Status == SiloStatus.Active;

    /// <summary>Starts and stops watching, by what was just read. Calls come one at a time.</summary>
    public void Update(MembershipTableData data)
    {
        HashSet<SiloAddress> wanted = MayJudge(data, self) ? Watched(data) : [];
        List<SiloMonitor> started = [];
        List<SiloMonitor> stopped = [];
        lock (_gate)
        {
            if (_isStopped)
                return;
            foreach (SiloAddress gone in _monitors.Keys.Where(silo => !wanted.Contains(silo)).ToList())
            {
                _monitors.Remove(gone, out SiloMonitor? monitor);
                stopped.Add(monitor!);
            }

            foreach (SiloAddress silo in wanted.Where(silo => !_monitors.ContainsKey(silo)).Order())
            {
                _monitors[silo] = new SiloMonitor(silo, link, health, options, time, ChooseWitness, AccuseAsync);
                started.Add(_monitors[silo]);
            }
        }

        // Both run others' code, which is nothing to do under the lock.
        stopped.ForEach(monitor => monitor.Stop());
        started.ForEach(monitor => monitor.Start());
    }

    public void Stop()
    {
        SiloMonitor[] monitors;
        lock (_gate)
        {
            _isStopped = true;
            monitors = [.. _monitors.Values];
            _monitors.Clear();
        }

        foreach (SiloMonitor monitor in monitors)
            monitor.Stop();
    }

    /// <summary>Declares silos dead that have been joining for longer than a join may take.</summary>
    public async Task EvictStuckAsync(CancellationToken cancellationToken)
    {
        if (!options.EvictWhenMaxJoinAttemptTimeExceeded || !MayJudge(access.Latest, self))
            return;
        foreach (var (stuck, _) in access.Latest!.Members.Where(member => IsStuck(member.Item1)))
        {
            await access.ChangeAsync(
                data => data.TryGet(stuck.SiloAddress)?.Item1 is MembershipEntry row && IsStuck(row) ? WithStatus(row, SiloStatus.Dead) : null,
                options.ProbeTimeout,
                cancellationToken);
        }
    }

    public static MembershipEntry WithStatus(MembershipEntry row, SiloStatus status)
    {
        MembershipEntry copy = row.Copy();
        copy.Status = status;
        return copy;
    }

    private bool IsStuck(MembershipEntry row) =>
        row.Status is SiloStatus.Created or SiloStatus.Joining && time.Now() - row.StartTime > options.MaxJoinAttemptTime;

    private HashSet<SiloAddress> Watched(MembershipTableData data)
    {
        List<MembershipEntry> running = [.. data.Members.Select(member => member.Item1).Where(row =>
            row.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping && !row.SiloAddress.Equals(self))];
        HashSet<SiloAddress> watched = [.. Ring.Successors(self, running.Select(row => row.SiloAddress), options.NumProbedSilos)];
        watched.UnionWith(running.Where(row => FreshVotes(row).Count > 0).Select(row => row.SiloAddress));
        watched.Remove(self);
        return watched;
    }

    private SiloAddress? ChooseWitness(SiloAddress target)
    {
        if (access.Latest is not MembershipTableData data)
            return null;
        IEnumerable<SiloAddress> others = Voices(data, target).Where(silo => !silo.Equals(self));
        lock (_gate)
        {
            return Ring.Successors(target, others, int.MaxValue)
                .Find(silo => !_monitors.TryGetValue(silo, out SiloMonitor? monitor) || monitor.Missed == 0);
        }
    }

    private async Task AccuseAsync(SiloAddress target, SiloAddress? witness, CancellationToken cancellationToken)
    {
        if (!options.LivenessEnabled)
            return;
        try
        {
            if (await access.ChangeAsync(data => Vote(data, target, witness), options.ProbeTimeout * 2, cancellationToken))
                LogVote(logger, target, witness?.ToString() ?? "nobody");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The next probe that is missed votes again.
            if (!cancellationToken.IsCancellationRequested)
                LogFailure(logger, target, exception);
        }
    }

    private MembershipEntry? Vote(MembershipTableData data, SiloAddress target, SiloAddress? witness)
    {
        MembershipEntry? row = data.TryGet(target)?.Item1;
        if (row is null || row.Status == SiloStatus.Dead || !MayJudge(data, self) || health.IsDegraded)
            return null;
        HashSet<SiloAddress> voices = [.. Voices(data, target)];
        HashSet<SiloAddress> voters = [.. FreshVotes(row).Select(vote => vote.Item1)];
        bool isNew = voters.Add(self);
        if (witness is not null)
            isNew |= voters.Add(witness);
        voters.IntersectWith(voices);

        MembershipEntry changed = row.Copy();
        changed.SuspectTimes = FreshVotes(row);
        changed.AddOrUpdateSuspector(self, time.Now(), int.MaxValue);
        if (witness is not null)
            changed.AddOrUpdateSuspector(witness, time.Now(), int.MaxValue);
        if (voters.Count >= Math.Min(options.NumVotesForDeathDeclaration, voices.Count))
            changed.Status = SiloStatus.Dead;
        return isNew || changed.Status == SiloStatus.Dead ? changed : null;
    }

    /// <summary>Who can vote on the target: this silo, and the active others that have shown a sign of life in time.</summary>
    private IEnumerable<SiloAddress> Voices(MembershipTableData data, SiloAddress target) => data.Members
        .Select(member => member.Item1)
        .Where(row => row.Status == SiloStatus.Active && !row.SiloAddress.Equals(target))
        .Where(row => row.SiloAddress.Equals(self) || time.Now() - row.LastSign() < options.AllowedIAmAliveMissPeriod)
        .Select(row => row.SiloAddress);

    private List<Tuple<SiloAddress, DateTime>> FreshVotes(MembershipEntry row) =>
        [.. (row.SuspectTimes ?? []).Where(vote => time.Now() - vote.Item2 < options.DeathVoteExpirationTimeout)];

    [LoggerMessage(Level = LogLevel.Warning, Message = "Silo {Silo} does not answer, confirmed by {Witness}: voted for its death.")]
    private static partial void LogVote(ILogger logger, SiloAddress silo, string witness);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vote against silo {Silo} could not be written.")]
    private static partial void LogFailure(ILogger logger, SiloAddress silo, Exception exception);
}
