using OrleansKv.Contracts;

namespace OrleansKv.Engine.Replication;

/// <summary>
/// What a silo does for the slots it owns: streams to its replicas, the commit position, the lease, and the reports that keep the map's
/// in-sync list true.
/// </summary>
/// <remarks>
/// The silos that commits wait for and whose promises count are never fewer than those that the map may call in sync: those of the latest map
/// known here, those of every report made on that very version (any of which may have taken effect unheard), and those that are about to be
/// reported. Only this silo adds to its own list, and a report takes effect only on the version that it names; so no other can be in it.
/// </remarks>
internal sealed class PrimarySide
{
    private readonly string _self;
    private readonly ReplicationOptions _options;
    private readonly IReplicationHost _host;
    private readonly CommitBarrier _barrier;
    private readonly Dictionary<string, PrimaryLink> _links = [];
    private readonly HashSet<string> _reported = [];
    private SlotMap _map = SlotMap.Empty;
    private SyncedCopy[] _inSync = [];
    private SyncedCopy[]? _lastReport;
    private long _reportedMs;
    private long _sessions;
    private long _committed;
    private bool _isWaiting;

    public PrimarySide(string self, ReplicationOptions options, IReplicationHost host, CommitBarrier barrier)
    {
        _self = self;
        _options = options;
        _host = host;
        _barrier = barrier;
    }

    /// <summary>Takes a map in which this silo is a member. On return commits wait for all that the map says, and who keeps slots that came hears of
    /// every record from here on: they may be served.</summary>
    /// <param name="map">Newer than the last.</param>
    /// <param name="me">This silo in it.</param>
    /// <param name="gained">Slots that it owns and that its replicas have no copies of.</param>
    /// <param name="nowMs">The time.</param>
    public void OnMap(SlotMap map, MapMember me, List<int> gained, long nowMs)
    {
        _map = map;
        string[] keepers = [.. map.KeepersOf(_self)];
        var newKeepers = keepers.Except(_inSync.Select(copy => copy.Silo)).ToArray();
        _inSync =
        [
            .. me.InSync.Select((silo, i) => new SyncedCopy(silo, me.SyncedThrough[i])),
            .. keepers.Except(me.InSync).Select(keeper => new SyncedCopy(keeper, -1)),
        ];
        _reported.Clear();
        _lastReport = null;
        string[] replicas = [.. me.Replicas.Union(keepers)];
        foreach (var gone in _links.Keys.Except(replicas).ToArray())
        {
            _links[gone].End();
            _links.Remove(gone);
        }

        foreach (var link in _links.Values) Follow(link, me, gained, isNewKeeper: newKeepers.Contains(link.Silo));
        foreach (var silo in replicas.Where(silo => !_links.ContainsKey(silo)))
        {
            _links[silo] = new PrimaryLink(silo, _options, _host, nowMs) { IsReplica = me.Replicas.Contains(silo) };
            Begin(_links[silo]);
        }

        foreach (var keeper in newKeepers) Await(_links[keeper], nowMs);
        MoveBarrier(nowMs);
        MarkKept(gained);
    }

    // Once: a range is kept from when it came, in one session.
    private void MarkKept(List<int> gained)
    {
        if (gained.Count == 0) return;
        var came = gained.ToHashSet();
        foreach (var range in _map.RangesOf(_self))
        {
            if (range.KeptBy is { } keeper && keeper != _self && came.Contains(range.First))
                _links[keeper].Mark(Enumerable.Range(range.First, range.Count), range.Epoch);
        }
    }

    /// <summary>Goes on with a link under a new map.</summary>
    private void Follow(PrimaryLink link, MapMember me, List<int> gained, bool isNewKeeper)
    {
        var wasReplica = link.IsReplica;
        link.IsReplica = me.Replicas.Contains(link.Silo);

        // A stream that was broken, and that nobody counted on, begins anew where it matters again.
        if ((wasReplica && !link.IsReplica) || (isNewKeeper && link.IsBroken)) Begin(link);
        else if (link.IsReplica && !wasReplica) link.Copy(OwnSlots(), _map.Version);
        else if (link.IsReplica && gained.Count > 0) link.Copy(gained, _map.Version);
    }

    public void OnReply(string replica, ReplicateReply reply, long nowMs)
    {
        if (reply.MapVersion > _map.Version) _host.RefreshMap(_map.Version);
        if (_links.TryGetValue(replica, out var link)) link.OnReply(reply, nowMs);
    }

    /// <summary>Does what is due: sends, lets replicas in and out, reports, and moves the barrier.</summary>
    public void Pump(long nowMs)
    {
        foreach (var link in _links.Values)
        {
            if (link.IsBroken && !IsBinding(link.Silo) && !link.IsSilent(nowMs)) Begin(link);
            link.Pump(_self, _map.Version, EpochOf, nowMs);
            if (link.IsAwaited && (link.IsSilent(nowMs) || link.IsBroken)) link.IsAwaited = false;
            if (!IsWaitedFor(link) && link is { Through: >= 0, IsNearEnd: true, IsBroken: false } && nowMs < link.PromisedUntilMs) Await(link, nowMs);
        }

        Report(nowMs);
        MoveBarrier(nowMs);
    }

    /// <summary>Whether a replica, as far as this silo knows, is in sync by the map, for slots of an epoch.</summary>
    public bool IsInSync(string replica, long epoch) => _inSync.Any(copy => copy.Silo == replica && copy.Through >= epoch);

    /// <summary>Whether a replica has all records up to an LSN.</summary>
    public bool HasAcknowledged(string replica, long lsn) => _links.TryGetValue(replica, out var link) && link.AckedLsn >= lsn;

    /// <summary>Whether the records up to an LSN are committed, and this silo owns its slots.</summary>
    public bool IsCommitted(long lsn, long nowMs) => _barrier.Passes(lsn, nowMs);

    /// <summary>The replicas with complete copies, as they stand.</summary>
    public ReplicaProgress[] Progress =>
        [.. _links.Values.Where(link => link.Through >= 0 && !link.IsBroken).Select(link => new ReplicaProgress(link.Silo, link.AckedLsn, link.HeardMs))];

    /// <summary>Records after this one would be sent to some replica at once; null where all of them have to answer first, and where there are none.</summary>
    public long? SendsAfterLsn
    {
        get
        {
            long? first = null;
            foreach (var link in _links.Values)
                if (link.SendsAfterLsn is { } lsn && !(lsn >= first)) first = lsn;
            return first;
        }
    }

    /// <summary>The map may call it in sync: in a version known here, or by a report on that version that may have taken effect.</summary>
    private bool IsBinding(string silo) => _reported.Contains(silo) || _inSync.Any(copy => copy.Silo == silo);

    private bool IsWaitedFor(PrimaryLink link) => link.IsAwaited || IsBinding(link.Silo);

    private void Begin(PrimaryLink link)
    {
        link.Begin(++_sessions);
        if (link.IsReplica) link.Copy(OwnSlots(), _map.Version);
    }

    private IEnumerable<int> OwnSlots() => _map.RangesOf(_self).SelectMany(range => Enumerable.Range(range.First, range.Count));

    private long EpochOf(int slot) => _map.RangeOf(slot) is var range && range.Owner == _self ? range.Epoch : -1;

    /// <summary>Has commits wait for a replica that the map does not know to be in sync yet.</summary>
    private void Await(PrimaryLink link, long nowMs)
    {
        // The barrier is closed first, and the journal's end read after: every reply that went through before is of a record up to there.
        if (!_isWaiting) _committed = _host.JournalEnd;
        link.IsAwaited = true;
        MoveBarrier(nowMs);
        Interlocked.MemoryBarrier();
        link.AwaitedFromLsn = _host.JournalEnd;
        if (!_isWaiting) throw new InvalidOperationException("A replica that is waited for does not hold the barrier.");
    }

    private void Report(long nowMs)
    {
        SyncedCopy[] wanted = [.. _links.Values.Select(link => Wanted(link, nowMs)).OfType<SyncedCopy>()];
        var isTrue = wanted.ToHashSet().SetEquals(_inSync);
        // A report that is no longer wanted is undone by one that changes nothing: after it, it cannot take effect.
        if (isTrue && _reported.All(silo => _inSync.Any(copy => copy.Silo == silo))) return;
        if (_lastReport != null && _lastReport.AsSpan().SequenceEqual(wanted) && nowMs - _reportedMs < _options.ReportRetryMs) return;
        _lastReport = wanted;
        _reportedMs = nowMs;
        foreach (var copy in wanted) _reported.Add(copy.Silo);
        _host.Report(new InSyncReport(_self, _map.Version, wanted));
    }

    /// <summary>
    /// What the map is to say of a replica. To say more than it does, the replica must be waited for, have all that was acknowledged before, and have
    /// answered under this very map, since under an earlier one it may have let its copies go.
    /// </summary>
    private SyncedCopy? Wanted(PrimaryLink link, long nowMs)
    {
        if (link.IsBroken || link.IsSilent(nowMs)) return null;
        var isSynced = link.Through >= 0 && link.AckedLsn >= link.AwaitedFromLsn && link.ConfirmedVersion >= _map.Version;
        if (isSynced && IsWaitedFor(link)) return new(link.Silo, link.Through);
        foreach (var copy in _inSync)
            if (copy.Silo == link.Silo) return copy;
        return null;
    }

    private void MoveBarrier(long nowMs)
    {
        long acknowledged = long.MaxValue, leaseUntilMs = long.MaxValue;
        foreach (var link in _links.Values.Where(IsWaitedFor))
        {
            acknowledged = Math.Min(acknowledged, link.AckedLsn);
            leaseUntilMs = Math.Min(leaseUntilMs, link.PromisedUntilMs);
        }

        _isWaiting = acknowledged != long.MaxValue;
        if (_isWaiting) _committed = Math.Max(_committed, acknowledged);
        _barrier.Set(_isWaiting && !_options.IsAsynchronous ? _committed : long.MaxValue, leaseUntilMs, nowMs);
    }
}
