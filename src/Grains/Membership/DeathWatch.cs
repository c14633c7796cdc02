using System.Net;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Grains.Membership;

/// <summary>
/// Proves the death of a silo's process as soon as it happens. Membership probes take seconds, since silence proves nothing: a process that is
/// slow or cut off is silent too. But the kernel speaks for a process that has ended: it resets its connections and refuses new ones. So every
/// active silo holds an idle connection, the lifeline, to every other; when that ends and the port refuses another, or the silo's next
/// incarnation answers, the silo is declared dead by <see cref="IClusterMembershipService.TryKill"/>. Anything else proves nothing,
/// and is left to the probes. A silo that is leaving is not watched.
/// </summary>
internal sealed partial class DeathWatch(
    SiloAddress self,
    IClusterMembershipService membership,
    Func<SiloAddress, Task<IPEndPoint>> locate,
    TimeProvider time,
    ILogger<DeathWatch> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<SiloAddress, CancellationTokenSource> _watched = [];

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(DeathWatch), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = FollowAsync();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    private async Task FollowAsync()
    {
        try
        {
            await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates.WithCancellation(_stop.Token))
                Update(snapshot);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Update(ClusterMembershipSnapshot snapshot)
    {
        HashSet<SiloAddress> active = [.. snapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(self))
            .Select(member => member.SiloAddress)];
        foreach (SiloAddress gone in _watched.Keys.Where(silo => !active.Contains(silo)).ToList())
        {
            _watched.Remove(gone, out CancellationTokenSource? watch);
            watch!.Cancel();
        }

        foreach (SiloAddress silo in active.Where(silo => !_watched.ContainsKey(silo)))
        {
            _watched[silo] = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            _ = WatchAsync(silo, _watched[silo].Token);
        }
    }

    private async Task WatchAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var lifeline = new Lifeline(silo, await locate(silo), time);
                if (await lifeline.HoldAsync(cancellationToken))
                    await DeclareDeadAsync(silo);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The silo cannot say where to connect, or the table cannot be changed. Either passes, or others see to it.
                LogFailure(logger, silo, exception);
            }

            await PauseAsync();
        }
    }

    private async Task DeclareDeadAsync(SiloAddress silo)
    {
        // It may have begun to leave a moment ago, and then is not to be killed for having ended.
        await membership.Refresh();
        if (membership.CurrentSnapshot.GetSiloStatus(silo) != SiloStatus.Active)
            return;
        if (await membership.TryKill(silo))
            LogDeath(logger, silo);
    }

    private async Task PauseAsync()
    {
        using var timer = new PeriodicTimer(Retry, time);
        await timer.WaitForNextTickAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The process of silo {Silo} has ended; the silo was declared dead.")]
    private static partial void LogDeath(ILogger logger, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} cannot be watched at the moment.")]
    private static partial void LogFailure(ILogger logger, SiloAddress silo, Exception exception);
}
