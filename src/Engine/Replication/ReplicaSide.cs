using OrleansKv.Contracts;

namespace OrleansKv.Engine.Replication;

/// <summary>
/// The copies that a silo keeps of others' slots. A primary's stream is applied item by item, in order, and a slot is held from the one primary
/// whose copy of it came last: records of any other do nothing to it.
/// </summary>
/// <remarks>
/// A copy that the map calls in sync is never thrown away because a primary asks for it; the map has to say so first. A stream that ended stays
/// known by its number, so that a late message cannot begin it again.
/// </remarks>
internal sealed class ReplicaSide
{
    private readonly string _self;
    private readonly ReplicationOptions _options;
    private readonly IReplicationHost _host;
    private readonly HeldSlot[] _held;
    private readonly Dictionary<string, Stream> _streams = [];

    public ReplicaSide(string self, int slotCount, ReplicationOptions options, IReplicationHost host)
    {
        _self = self;
        _options = options;
        _host = host;
        _held = new HeldSlot[slotCount];
    }

    /// <summary>Whether there is a complete copy of a slot as its primary had it under an epoch.</summary>
    public bool IsHeld(int slot, string primary, long epoch) =>
        _held[slot] is { IsComplete: true } held && held.Primary == primary && held.Epoch == epoch;

    /// <summary>Until when this silo has promised a primary not to take its slots over.</summary>
    public long PromisedUntilMs(string primary) => _streams.TryGetValue(primary, out var stream) ? stream.PromisedUntilMs : long.MinValue;

    /// <summary>Applies what a primary sent.</summary>
    public ReplicateReply OnRequest(ReplicateRequest request, SlotMap map, long nowMs)
    {
        // Whether it is still a replica, and of which slots, this silo knows only from a map as new as the primary's.
        var isBehind = request.MapVersion > map.Version;
        if (isBehind) _host.RefreshMap(map.Version);
        var primary = map.Find(request.Primary);
        if (primary == null && !isBehind) return Reply(request, map, -1, isPromise: false);
        var stream = StreamOf(request.Primary);
        stream.PromisedUntilMs = Math.Max(stream.PromisedUntilMs, nowMs + _options.PromiseMs);
        if (primary == null || isBehind) return Reply(request, map, stream.Session == request.Session ? stream.NextSequence : 0, isPromise: true);
        if (request.Session > stream.Session && request.Sequence == 0 && KeepsSomething(primary, map) && !IsInSync(primary))
            Begin(stream, request, map);
        if (request.Session != stream.Session || stream.IsEnded || stream.IsFailed) return Reply(request, map, -1, isPromise: true);
        ApplyNew(stream, request, map);
        return Reply(request, map, stream.NextSequence, isPromise: true);
    }

    /// <summary>Something of a stream could not be applied: it cannot be continued.</summary>
    public ReplicateReply FailStream(ReplicateRequest request, SlotMap map)
    {
        var stream = StreamOf(request.Primary);
        if (stream.Session == request.Session) stream.IsFailed = true;
        return Reply(request, map, -1, isPromise: false);
    }

    /// <summary>Lets go what the map says is kept here no longer. Slots that have become this silo's own are left for <see cref="Take"/>.</summary>
    public void OnMap(SlotMap map)
    {
        foreach (var (name, stream) in _streams)
            if (map.Find(name) is { } primary && !KeepsSomething(primary, map)) stream.IsEnded = true;
        foreach (var range in map.Ranges)
        {
            if (range.Owner == _self) continue;
            for (var slot = range.First; slot <= range.Last; slot++)
                if (_held[slot].Primary is { } from && !(IsOf(slot, range) && (range.KeptBy == _self || !_streams[from].IsEnded))) Drop(slot);
        }
    }

    /// <summary>What was a slot of this silo's own, frozen, is from now on a copy of what its new owner has, who has got exactly this from here.</summary>
    public void Keep(int slot, string owner, long epoch)
    {
        StreamOf(owner);
        _held[slot] = new HeldSlot(owner, epoch, IsComplete: true);
        _host.Keep(slot, epoch);
    }

    /// <summary>Removes the streams of silos that are gone: they never come back. After their slots were taken.</summary>
    public void ForgetGone(SlotMap map)
    {
        foreach (var name in _streams.Keys.ToArray())
            if (map.Find(name) == null) _streams.Remove(name);
    }

    /// <summary>Hands over the copy of a slot that has become this silo's own. Null where there is no complete one.</summary>
    /// <returns>The primary it was held from.</returns>
    public string? Take(int slot)
    {
        var held = _held[slot];
        if (held.Primary != null && !held.IsComplete) _host.Drop(slot);
        _held[slot] = default;
        return held.IsComplete ? held.Primary : null;
    }

    public static ReplicateReply Reply(ReplicateRequest request, SlotMap map, long nextSequence, bool isPromise) =>
        new(request.Session, map.Version, nextSequence, request.Number, request.SentMs, isPromise);

    private Stream StreamOf(string primary)
    {
        if (!_streams.TryGetValue(primary, out var stream)) _streams[primary] = stream = new Stream();
        return stream;
    }

    private bool KeepsSomething(MapMember primary, SlotMap map) => primary.Replicas.Contains(_self) || map.KeepersOf(primary.Silo).Contains(_self);

    private bool IsOf(int slot, SlotRange range) => _held[slot].Primary == range.Owner && _held[slot].Epoch == range.Epoch;

    private bool IsInSync(MapMember primary) => primary.InSync.Contains(_self);

    /// <summary>What is kept for the sender stays: it will say from where on its records concern that.</summary>
    private void Begin(Stream stream, ReplicateRequest request, SlotMap map)
    {
        stream.Session = request.Session;
        stream.NextSequence = 0;
        stream.IsEnded = stream.IsFailed = false;
        _host.BeginStream(request.Primary);
        for (var slot = 0; slot < _held.Length; slot++)
        {
            var isKept = map.RangeOf(slot) is var range && range.KeptBy == _self && IsOf(slot, range);
            if (_held[slot].Primary == request.Primary && !isKept) Drop(slot);
        }
    }

    private void ApplyNew(Stream stream, ReplicateRequest request, SlotMap map)
    {
        for (var i = 0; i < request.Items.Count; i++)
        {
            var sequence = request.Sequence + i;
            if (sequence < stream.NextSequence) continue;
            if (sequence > stream.NextSequence) return;
            var item = request.Items[i];
            if (item.IsRecord) _host.ApplyRecords(request.Primary, item);
            else ApplyPiece(request.Primary, item, map);
            stream.NextSequence++;
        }
    }

    /// <summary>A piece of a slot that the sender does not own any more is passed over: the sender will learn that from the map, too. So is one of a
    /// slot that is kept for it.</summary>
    private void ApplyPiece(string primary, StreamItem piece, SlotMap map)
    {
        var range = map.RangeOf(piece.Slot);
        if (range.Owner != primary || range.Epoch != piece.Epoch) return;
        if (IsHeld(piece.Slot, primary, piece.Epoch))
        {
            if (piece.Position == PiecePosition.Kept) _host.Follow(primary, piece.Slot, piece.Lsn);
            return;
        }

        if (piece.Position == PiecePosition.Kept) return;
        _host.ApplyPiece(primary, piece);
        _held[piece.Slot] = new HeldSlot(primary, piece.Epoch, piece.Position.HasFlag(PiecePosition.Last));
    }

    private void Drop(int slot)
    {
        _held[slot] = default;
        _host.Drop(slot);
    }

    /// <summary>A slot of which there is a copy, or the beginning of one.</summary>
    private readonly record struct HeldSlot(string? Primary, long Epoch, bool IsComplete);

    /// <summary>What is known of a primary's stream.</summary>
    private sealed class Stream
    {
        public long Session { get; set; }

        public long NextSequence { get; set; }

        /// <summary>The map has said that no copies are kept here of this primary's slots.</summary>
        public bool IsEnded { get; set; }

        /// <summary>Something could not be applied. What is held is as good as it was, and becomes no better.</summary>
        public bool IsFailed { get; set; }

        public long PromisedUntilMs { get; set; } = long.MinValue;
    }
}
