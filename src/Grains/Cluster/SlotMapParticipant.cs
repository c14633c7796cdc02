using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Memory;
using OrleansKv.Grains.Replication;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// A silo's part in the slot map while it lives: it owns nothing until it has joined, joins as soon as it can call grains, then keeps its copy
/// of the map fresh, and tells the map's grain when it learns that the membership of the cluster has changed.
/// </summary>
internal sealed partial class SlotMapParticipant(
    SlotMapSource source,
    ReplicationDriver replication,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    IClusterMembershipService membership,
    IOptions<SlotMapOptions> options,
    TimeProvider time,
    ILogger<SlotMapParticipant> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;
    private string? _savedNodeId;

    private ISlotMapGrain Grain => grains.GetGrain<ISlotMapGrain>(0);

    public void Participate(ISiloLifecycle lifecycle)
    {
        if (options.Value is { OwnsSlots: true, UsesClusterHashSeed: true })
            source.Seeding = seed => KeyHash.SetSeed(new UInt128(High(seed), Low(seed)));
        lifecycle.Subscribe("SlotMap", ServiceLifecycleStage.Active, StartAsync, StopAsync);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var map = await AskAsync(options.Value.OwnsSlots ? Join() : async () => await Grain.GetAsync(0) ?? SlotMap.Empty, cancellationToken);
        source.Accept(map);
        _loops = Task.WhenAll(Task.Run(PollAsync, CancellationToken.None), Task.Run(FollowMembershipAsync, CancellationToken.None));
    }

    private Func<Task<SlotMap>> Join()
    {
        var member = new MapMember
        {
            Silo = silo.SiloAddress.ToParsableString(),
            NodeId = options.Value.NodeId ?? (options.Value.NodeIdFile is { } path ? NodeIdentity.Load(path) : NodeIdentity.NewId()),
            Zone = options.Value.Zone,
            Endpoint = options.Value.Endpoint,
            StartsAlone = options.Value.StartsAlone,
        };
        source.Changed += map => KeepNodeId(map, member);
        return () => Grain.JoinAsync(member);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await LeaveAsync(cancellationToken);
        await _stop.CancelAsync();
        await _loops.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Hands everything over, where there is somebody to take it, and is no member then.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        var self = silo.SiloAddress.ToParsableString();
        if (source.Current is not { } map || map.Find(self) == null || map.Members.Count(member => member.State == MemberState.Active) < 2) return;
        using var limit = new CancellationTokenSource(options.Value.LeaveLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            replication.IsLeaving = true;
            using var timer = new PeriodicTimer(RetryPeriod, time);
            do
            {
                // Asked again once everything is handed over, the map lets this silo go.
                source.Accept(await Grain.LeaveAsync(self).WaitAsync(either.Token));
            }
            while (!HasLeft(source.Current, self) && await timer.WaitForNextTickAsync(either.Token));
        }
        catch (Exception error)
        {
            LogNotLeft(logger, error);
        }
    }

    // Where all others stop too, nobody is left to take anything.
    private static bool HasLeft(SlotMap map, string silo) =>
        map.Find(silo) == null || !Array.Exists(map.Members, member => member.State == MemberState.Active);

    /// <summary>Asks for the map, by joining it or only reading it; tries again as long as the start may take. What is refused now (the death of this
    /// node's last incarnation may still be unknown) may be granted then.</summary>
    private async Task<SlotMap> AskAsync(Func<Task<SlotMap>> ask, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RetryPeriod, time);
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotJoined(logger, error);
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>An operator may have made another node of this one, which it is to be after its next start, too.</summary>
    private void KeepNodeId(SlotMap map, MapMember joined)
    {
        if (options.Value.NodeIdFile is not { } path || map.Find(joined.Silo) is not { } member) return;
        lock (_stop)
        {
            if (member.NodeId == (_savedNodeId ?? joined.NodeId) || map.Version < source.Current.Version) return;
            _savedNodeId = member.NodeId;
            try
            {
                NodeIdentity.Save(path, member.NodeId);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                LogNodeIdNotKept(logger, error, path);
            }
        }
    }

    private async Task PollAsync()
    {
        using var timer = new PeriodicTimer(options.Value.PollPeriod, time);
        while (await TickAsync(timer)) await TryAsync(() => source.RefreshAsync(source.Current.Version));
    }

    private async Task<bool> TickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task FollowMembershipAsync()
    {
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(_stop.Token))
                await TryAsync(async () => source.Accept(await Grain.MembershipChangedAsync(snapshot.Version.Value)));
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    /// <summary>Whatever fails is made up for by the next poll, which has the map's grain look at the membership too.</summary>
    private async Task TryAsync(Func<Task> call)
    {
        try
        {
            await call().WaitAsync(_stop.Token);
        }
        catch (Exception error) when (!_stop.IsCancellationRequested)
        {
            LogNoAnswer(logger, error);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private static ulong High(Guid seed) => BitConverter.ToUInt64(seed.ToByteArray(), 0);

    private static ulong Low(Guid seed) => BitConverter.ToUInt64(seed.ToByteArray(), 8);

    [LoggerMessage(Level = LogLevel.Error, Message = "The node's new id could not be written to {Path}: after its next start it is another node")]
    private static partial void LogNodeIdNotKept(ILogger logger, Exception error, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This silo does not have the slot map yet, and tries again")]
    private static partial void LogNotJoined(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This silo stops before all of its slots and copies are on others, which take over what is left")]
    private static partial void LogNotLeft(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The grain of the slot map did not answer")]
    private static partial void LogNoAnswer(ILogger logger, Exception error);
}
