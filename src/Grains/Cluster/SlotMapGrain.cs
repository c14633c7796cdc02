using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// The control plane. The decisions are the planner's; this writes them to grain storage, each before anybody sees it, and then sends the map
/// to the members. Storage refuses a write over a version that was not read: then another activation was faster, and the event is
/// decided anew on its map. So two activations are slower than one, but never disagree.
///
/// Who is dead is for the cluster's membership to say. Silos tell this grain when that changes, and it looks at it with every call.
/// </summary>
[KeepAlive]
public sealed partial class SlotMapGrain(
    [PersistentState("slotmap", SlotMapOptions.StorageName)] IPersistentState<SlotMapState> state,
    IClusterMembershipService membership,
    ILocalSiloDetails silo,
    IOptions<SlotMapOptions> options,
    TimeProvider time,
    ILogger<SlotMapGrain> logger) : Grain, ISlotMapGrain
{
    /// <summary>Activations that write in turn get past each other sooner than this.</summary>
    private const int MaxAttempts = 10;

    private readonly MapRules _rules = options.Value.Rules;
    private LastReplicaGuard? _guard;
    private SlotMap _map = SlotMap.Empty;
    private bool _isStale;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _map = state.State.Map ?? SlotMap.Empty;
        _guard = new LastReplicaGuard(silo.SiloAddress.ToParsableString(), (other, reached) => _ = PingAsync(other, reached));
        return Task.CompletedTask;
    }

    public async Task<SlotMap?> GetAsync(long knownVersion)
    {
        Expect(knownVersion);
        await CatchUpAsync();
        if (_map.Wanted.Length > 0 && time.GetElapsedTime(_lastWish) > RestAfter) await ChangeAsync(new MapEvent.Rested());
        if (_map.Version < knownVersion) LogStorageBehind(logger, _map.Version, knownVersion);
        return _map.Version > knownVersion ? _map : null;
    }

    public async Task<SlotMap> JoinAsync(MapMember member)
    {
        await CatchUpAsync();
        if (await StatusOfAsync(member.Silo) is SiloStatus.None or SiloStatus.Dead)
            throw new InvalidOperationException($"Silo {member.Silo} is not in the cluster.");
        var address = SiloAddress.FromParsableString(member.Silo);
        var namesake = Array.Find(_map.Members, other =>
            other.NodeId == member.NodeId && !SiloAddress.FromParsableString(other.Silo).Endpoint.Equals(address.Endpoint));
        if (namesake != null) throw new InvalidOperationException($"Node id {member.NodeId} is that of silo {namesake.Silo}.");
        return await ChangeAsync(new MapEvent.Joined(member));
    }

    public Task<SlotMap> LeaveAsync(string silo) => DoAsync(new MapEvent.Leaving(silo));

    public async Task<SlotMap> ReportInSyncAsync(string primary, SyncedCopy[] inSync, long version)
    {
        Expect(version);
        await CatchUpAsync();
        if (version != _map.Version) return _map;
        var nowMs = (long)time.GetElapsedTime(0).TotalMilliseconds;
        return _guard!.Allows(_map, primary, inSync, nowMs) ? await ChangeAsync(new MapEvent.Reported(primary, inSync, version)) : _map;
    }

    public Task<SlotMap> MoveDoneAsync(SlotMove move, long version)
    {
        Expect(version);
        return DoAsync(new MapEvent.Moved(move, version));
    }

    public Task<SlotMap> TakeOverAsync(int first, int last, string silo) => DoAsync(new MapEvent.TakenOver(first, last, silo));

    public async Task<SlotMap> MembershipChangedAsync(long membershipVersion)
    {
        var version = new MembershipVersion(membershipVersion);
        if (membership.CurrentSnapshot.Version < version) await membership.Refresh(version);
        await CatchUpAsync();
        return _map;
    }

    private async Task<SlotMap> DoAsync(MapEvent happened)
    {
        await CatchUpAsync();
        return await ChangeAsync(happened);
    }

    /// <summary>Whoever knows a later map has it from another activation.</summary>
    private void Expect(long knownVersion)
    {
        if (_map.Version < knownVersion) _isStale = true;
    }

    /// <summary>Reads the map if the one here may not be the latest, and replaces members that have died.</summary>
    private async Task CatchUpAsync()
    {
        if (_isStale) await ReadAsync();
        var dead = new List<string>();
        foreach (var member in _map.Members)
        {
            // All members were known to be alive when they joined. One that a fresh look does not find was forgotten after its death.
            if (await StatusOfAsync(member.Silo) is SiloStatus.Dead or SiloStatus.None) dead.Add(member.Silo);
        }

        if (dead.Count == 0) return;
        LogDead(logger, string.Join(", ", dead));
        await ChangeAsync(new MapEvent.Died([.. dead]));
    }

    /// <summary>What the membership knows of a silo, read anew if it knows nothing.</summary>
    private async ValueTask<SiloStatus> StatusOfAsync(string silo)
    {
        var address = SiloAddress.FromParsableString(silo);
        var status = membership.CurrentSnapshot.GetSiloStatus(address);
        if (status != SiloStatus.None) return status;
        await membership.Refresh();
        return membership.CurrentSnapshot.GetSiloStatus(address);
    }

    /// <summary>Decides what comes of an event, writes it, and only then believes it and sends it out.</summary>
    private async Task<SlotMap> ChangeAsync(MapEvent happened)
    {
        for (var attempt = 1; ; attempt++)
        {
            var seeded = _map.HashSeed == Guid.Empty ? _map with { HashSeed = Guid.NewGuid() } : _map;
            var next = SlotMapPlanner.Apply(seeded, happened, _rules);
            if (next.Version == _map.Version) return _map;
            try
            {
                await WriteAsync(next);
                LogLosses(seeded, next);
                Send(next);
                return next;
            }
            catch (InconsistentStateException) when (attempt < MaxAttempts)
            {
                await ReadAsync();
            }
        }
    }

    private async Task WriteAsync(SlotMap next)
    {
        // Until the write has succeeded nobody knows what is in storage.
        _isStale = true;
        state.State = new SlotMapState { Map = next };
        await state.WriteStateAsync();
        _map = next;
        _isStale = false;
        LogVersion(logger, next.Version, next.Members.Length);
    }

    private void LogLosses(SlotMap before, SlotMap after)
    {
        foreach (var loss in SlotLosses.Lost(before, after)) LogLost(logger, loss.Slots, loss.Silo, loss.NodeId);
        foreach (var loss in SlotLosses.GivenEmpty(before, after)) LogGivenEmpty(logger, loss.Slots, loss.Silo, loss.NodeId);
    }

    private async Task ReadAsync()
    {
        _isStale = true;
        await state.ReadStateAsync();
        _map = state.State.Map ?? SlotMap.Empty;
        _isStale = false;
    }

    /// <summary>Sends the map to its members, and does not wait: who misses it asks for it.</summary>
    private void Send(SlotMap map)
    {
        foreach (var member in map.Members) _ = SendAsync(member.Silo, map);
    }

    private async Task SendAsync(string silo, SlotMap map)
    {
        try
        {
            await GrainFactory.GetGrain<ISiloGrain>(silo).UpdateMapAsync(map);
        }
        catch (Exception error)
        {
            LogNotSent(logger, error, map.Version, silo);
        }
    }

    private async Task PingAsync(string silo, Action reached)
    {
        try
        {
            await GrainFactory.GetGrain<ISiloGrain>(silo).PingAsync();
            reached();
        }
        catch (Exception error)
        {
            LogNotReached(logger, error, silo);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} gives no sign of life")]
    private static partial void LogNotReached(ILogger logger, Exception error, string silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "Slot map version {Version}, {Members} members")]
    private static partial void LogVersion(ILogger logger, long version, int members);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Members of the slot map have died: {Silos}")]
    private static partial void LogDead(ILogger logger, string silos);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Slots {Slots} are lost: silo {Silo} of node {Node} is gone, and nobody else had a copy")]
    private static partial void LogLost(ILogger logger, string slots, string silo, string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Slots {Slots}, which had been lost, begin empty on silo {Silo} of node {Node}")]
    private static partial void LogGivenEmpty(ILogger logger, string slots, string silo, string node);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Slot map version {Version} could not be sent to silo {Silo}")]
    private static partial void LogNotSent(ILogger logger, Exception error, long version, string silo);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The grain storage of the slot map has version {Version}, but a silo has seen {Known}: the storage has lost it")]
    private static partial void LogStorageBehind(ILogger logger, long version, long known);
}
