using OrleansKv.Contracts;

namespace OrleansKv.Engine.Replication;

/// <summary>
/// Replication as one silo sees it: maps, messages and time go in; what becomes of its slots, and messages, come out through
/// <see cref="IReplicationHost"/>. It knows no clock, no socket and no thread: who calls it does so for one input at a time, with a monotonic time that
/// runs on while the machine sleeps. The protocol and what it promises are in docs/adr/0003-replication.md.
/// </summary>
/// <remarks>
/// A slot that comes with a copy held from a primary that the same map no longer knows is a failover: it is served once the promise to that
/// primary has run out. Where the primary is still a member, it gave the slot away itself, frozen, and the slot is served at once. A slot
/// that comes without a copy had an owner once, perhaps, to whom somebody who is gone since gave a promise: it is served when any has run out;
/// at once where the map just before is known, and says that it never had one.
/// An incarnation that the map has let go never comes back into it.
/// </remarks>
public sealed class SiloReplication
{
    private readonly ReplicationOptions _options;
    private readonly IReplicationHost _host;
    private readonly PrimarySide _primary;
    private readonly ReplicaSide _replica;
    private readonly OwnSlot[] _own;
    private readonly List<int> _waiting = [];
    private HandOver? _handOver;

    /// <param name="self">This incarnation.</param>
    /// <param name="options">Times and bounds.</param>
    /// <param name="host">What it acts through.</param>
    /// <param name="slotCount">Slots of the maps that come in; all but simulations have <see cref="SlotHash.SlotCount"/>.</param>
    /// <param name="clock">The clock that all times given here come from; null in simulations, where time stands still meanwhile.</param>
    public SiloReplication(
        string self, ReplicationOptions options, IReplicationHost host, int slotCount = SlotHash.SlotCount, Func<long>? clock = null)
    {
        Self = self;
        Barrier = new CommitBarrier(clock);
        _options = options;
        _host = host;
        _own = new OwnSlot[slotCount];
        _primary = new PrimarySide(self, options, host, Barrier);
        _replica = new ReplicaSide(self, slotCount, options, host);
    }

    /// <summary>How a slot stands that the map gives to this silo.</summary>
    private enum OwnState : byte
    {
        None,

        /// <summary>Its last owner may still be serving it.</summary>
        Waiting,
        Serving,

        /// <summary>About to be handed over.</summary>
        Frozen,
    }

    public string Self { get; }

    /// <summary>The latest map that came in.</summary>
    public SlotMap Map { get; private set; } = SlotMap.Empty;

    /// <summary>Where replies wait.</summary>
    public CommitBarrier Barrier { get; }

    /// <summary>The map has let this incarnation go; nothing more comes of it.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Slots on their way to another owner, frozen meanwhile; null while there are none.</summary>
    public (int First, int Last)? HandedOver => _handOver is { } handOver ? (handOver.First, handOver.Last) : null;

    /// <summary>Whether clients are served from a slot, as far as its state goes; the lease is the barrier's.</summary>
    public bool IsServing(int slot) => _own[slot].State == OwnState.Serving;

    /// <summary>Whether there is a complete copy of a slot as its primary has had it since an epoch.</summary>
    public bool IsHeld(int slot, string primary, long epoch) => _replica.IsHeld(slot, primary, epoch);

    /// <summary>The replicas with complete copies, as they stand.</summary>
    public ReplicaProgress[] Progress => IsDead ? [] : _primary.Progress;

    /// <summary>Records after this one would be sent to some replica by <see cref="Pump"/>; null where replicas have to answer first, and where there
    /// are none.</summary>
    public long? SendsAfterLsn => IsDead ? null : _primary.SendsAfterLsn;

    /// <summary>Takes a map; an old one changes nothing.</summary>
    public void OnMap(SlotMap map, long nowMs)
    {
        if (IsDead || map.Version <= Map.Version) return;
        var before = Map;
        var wasMember = before.Find(Self) != null;
        Map = map;
        if (map.Find(Self) is { } me)
        {
            _replica.OnMap(map);
            // What came is served by Pump, when its keepers are waited for.
            _primary.OnMap(map, me, TakeOwn(before, nowMs), nowMs);
            _replica.ForgetGone(map);
            Pump(nowMs);
        }
        else if (wasMember)
        {
            Die();
        }
    }

    /// <summary>Answers a primary.</summary>
    public ReplicateReply OnRequest(ReplicateRequest request, long nowMs) =>
        IsDead ? ReplicaSide.Reply(request, Map, -1, isPromise: false) : _replica.OnRequest(request, Map, nowMs);

    /// <summary>Answers a primary of whose stream something could not be applied: it has to begin anew.</summary>
    public ReplicateReply FailStream(ReplicateRequest request) => _replica.FailStream(request, Map);

    /// <summary>Gives everything up, as if the map had let this incarnation go.</summary>
    public void Abandon()
    {
        if (!IsDead) Die();
    }

    /// <summary>Takes a replica's answer.</summary>
    public void OnReply(string replica, ReplicateReply reply, long nowMs)
    {
        if (IsDead) return;
        _primary.OnReply(replica, reply, nowMs);
        Pump(nowMs);
    }

    /// <summary>Begins to move slots away. They must be served here, under one epoch, and the target be in sync.</summary>
    /// <returns>False where that is not so, or another move is under way.</returns>
    public bool BeginHandOver(int first, int last, string target, long nowMs)
    {
        var range = Map.RangeOf(first);
        if (IsDead || _handOver != null || target == Self || last > range.Last || !_primary.IsInSync(target, range.Epoch)) return false;
        for (var slot = first; slot <= last; slot++)
            if (_own[slot].State != OwnState.Serving) return false;
        for (var slot = first; slot <= last; slot++)
        {
            _host.Freeze(slot);
            _own[slot].State = OwnState.Frozen;
        }

        _handOver = new HandOver(Self, first, last, target, _host.JournalEnd, nowMs);
        Pump(nowMs);
        return true;
    }

    /// <summary>Does what is due. To be called after records were appended, and every few milliseconds.</summary>
    public void Pump(long nowMs)
    {
        if (IsDead) return;
        _waiting.RemoveAll(slot => ServeIfDue(slot, nowMs));
        _primary.Pump(nowMs);
        if (_handOver is not { } handOver) return;
        if (!handOver.Pump(_primary, _host, _options, Map.Version, Map.RangeOf(handOver.First).Epoch, nowMs)) EndHandOver();
    }

    /// <summary>Makes the slots of the new map this silo's own, and lets go those that are not any more.</summary>
    /// <returns>Slots that came.</returns>
    private List<int> TakeOwn(SlotMap before, long nowMs)
    {
        var gained = new List<int>();
        foreach (var range in Map.Ranges)
        {
            for (var slot = range.First; slot <= range.Last; slot++)
            {
                var isOwn = _own[slot].State != OwnState.None;
                if (isOwn && range.Owner == Self && range.Epoch == _own[slot].Epoch) continue;
                var isKept = _own[slot].State == OwnState.Frozen && range.KeptBy == Self;
                if (isOwn && !isKept) Leave(slot);
                if (range.Owner == Self)
                {
                    gained.Add(slot);
                    if (isKept) Wait(slot, range.Epoch, nowMs + _options.PromiseMs);
                    else Come(slot, range.Epoch, isNew: before.RangeOf(slot).Epoch == 0 && range.Epoch == before.Version + 1, nowMs);
                }
                else if (isKept)
                {
                    _own[slot] = default;
                    _replica.Keep(slot, range.Owner!, range.Epoch);
                }
            }
        }

        if (_handOver != null && _own[_handOver.First].State != OwnState.Frozen) _handOver = null;
        return gained;
    }

    private void Leave(int slot)
    {
        _own[slot] = default;
        _host.Drop(slot);
    }

    private void Come(int slot, long epoch, bool isNew, long nowMs)
    {
        var from = _replica.Take(slot);
        var serveAtMs = from != null ? Map.Find(from) != null ? nowMs : _replica.PromisedUntilMs(from) : isNew ? nowMs : nowMs + _options.PromiseMs;
        Wait(slot, epoch, serveAtMs);
    }

    private void Wait(int slot, long epoch, long serveAtMs)
    {
        _own[slot] = new OwnSlot { Epoch = epoch, State = OwnState.Waiting, ServeAtMs = serveAtMs };
        _host.HoldBack(slot);
        _waiting.Add(slot);
    }

    /// <returns>Whether a slot has ended waiting.</returns>
    private bool ServeIfDue(int slot, long nowMs)
    {
        ref var own = ref _own[slot];
        if (own.State != OwnState.Waiting) return true;
        if (nowMs < own.ServeAtMs) return false;
        own.State = OwnState.Serving;
        _host.Serve(slot, own.Epoch);
        return true;
    }

    private void EndHandOver()
    {
        for (var slot = _handOver!.First; slot <= _handOver.Last; slot++)
        {
            if (_own[slot].State != OwnState.Frozen) continue;
            _own[slot].State = OwnState.Serving;
            _host.Thaw(slot);
        }

        _handOver = null;
    }

    private void Die()
    {
        IsDead = true;
        for (var slot = 0; slot < _own.Length; slot++)
            if (_own[slot].State is OwnState.Serving) _host.Freeze(slot);
        Array.Clear(_own);
        Barrier.Lose();
        _host.OnDeclaredDead();
    }

    private struct OwnSlot
    {
        public OwnState State;
        public long Epoch;
        public long ServeAtMs;
    }
}
