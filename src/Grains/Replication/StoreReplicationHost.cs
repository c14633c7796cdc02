using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Grains.Replication;

/// <summary>
/// Replication's hands on the store: reads its journal, copies its slots, applies what primaries send, and has slots served or not. What goes to
/// others waits in the outbox. One thread at a time.
/// </summary>
internal sealed class StoreReplicationHost(Store store, Journal journal, ReplicationOutbox outbox, Action declaredDead) : IReplicationHost
{
    /// <summary>Records are taken from the journal in runs of about this size: arrays that are not collected late for being large.</summary>
    private const int RunBytes = 64 * 1024;

    // By primary, for the stream that is under way.
    private readonly Dictionary<string, EffectApplier> _appliers = [];

    // By slot: whose records concern it.
    private readonly EffectApplier?[] _followed = new EffectApplier?[SlotHash.SlotCount];

    public long JournalEnd => journal.LastLsn;

    public bool TryRead(long afterLsn, long throughLsn, int maxBytes, List<StreamItem> items)
    {
        for (var bytes = 0; bytes < maxBytes && afterLsn < throughLsn;)
        {
            // An LSN is a position in bytes: no record behind the last one asked for fits.
            var run = new byte[Math.Min(throughLsn - afterLsn, RunBytes)];
            var read = journal.TryRead(afterLsn, run, out var length);
            if (read == JournalRead.BufferTooSmall) read = journal.TryRead(afterLsn, run = new byte[length], out length);
            if (read != JournalRead.Copied) return false;
            if (length < run.Length) Array.Resize(ref run, length);
            afterLsn += length;
            items.Add(StreamItem.Record(afterLsn, run));
            bytes += items[^1].Size;
        }

        return true;
    }

    public ISlotContent Copy(int slot, long epoch) => new SlotContent(store, store.Slots[slot], epoch);

    public void BeginStream(string primary)
    {
        if (!_appliers.Remove(primary, out var ended)) return;
        for (var slot = 0; slot < _followed.Length; slot++)
            if (_followed[slot] == ended) _followed[slot] = null;
        ended.Dispose();
    }

    public void ApplyRecords(string primary, StreamItem records)
    {
        var applier = ApplierOf(primary);
        for (var rest = records.Bytes.Span; !rest.IsEmpty;)
        {
            var length = RecordHeader.Read(rest).TotalBytes;
            applier.Apply(rest[..length]);
            rest = rest[length..];
        }
    }

    public void ApplyPiece(string primary, StreamItem piece)
    {
        var slot = store.Slots[piece.Slot];
        if (piece.Position.HasFlag(PiecePosition.First)) Clear(slot);
        var applier = ApplierOf(primary);
        if (!piece.Bytes.IsEmpty) applier.ApplyCopy(piece.Bytes.Span);
        if (!piece.Position.HasFlag(PiecePosition.Last)) return;
        Follow(primary, piece.Slot, piece.Lsn);
        slot.SetRole(SlotRole.Replica, piece.Epoch);
    }

    public void Keep(int slot, long epoch) => store.Slots[slot].SetRole(SlotRole.Replica, epoch);

    public void Follow(string primary, int slot, long sinceLsn)
    {
        var applier = ApplierOf(primary);
        applier.Follow(slot, sinceLsn);
        _followed[slot] = applier;
    }

    public void HoldBack(int slot) => store.Slots[slot].HoldBack();

    public void Serve(int slot, long epoch)
    {
        if (_followed[slot] is { } applier) store.Clock.RaiseTo(applier.OwnerNowMs);
        Unfollow(slot);
        store.Slots[slot].SetRole(SlotRole.Primary, epoch);
    }

    public void Thaw(int slot) => store.Slots[slot].SetRole(SlotRole.Primary);

    // What it holds is a copy, and as good as any until the next owner changes its own.
    public void Freeze(int slot) => store.Slots[slot].SetRole(SlotRole.Replica, isHeldBack: true);

    public void Drop(int slot) => Clear(store.Slots[slot]);

    public void Send(string replica, ReplicateRequest request) => outbox.Send(replica, request);

    public void Report(InSyncReport report) => outbox.Report(report);

    public void Report(MoveReport report) => outbox.Report(report);

    public void RefreshMap(long staleVersion) => outbox.RefreshMap(staleVersion);

    public void OnDeclaredDead() => outbox.Add(declaredDead);

    /// <summary>The silos that are not in the map any more will send nothing more.</summary>
    public void ForgetGone(SlotMap map)
    {
        foreach (var primary in _appliers.Keys.ToArray())
            if (map.Find(primary) == null) BeginStream(primary);
    }

    private EffectApplier ApplierOf(string primary)
    {
        if (!_appliers.TryGetValue(primary, out var applier)) _appliers[primary] = applier = new EffectApplier(store, EffectApplier.AnyLsn);
        return applier;
    }

    private void Clear(Slot slot)
    {
        Unfollow(slot.Number);
        slot.SetRole(SlotRole.Away);
        slot.Empty(store);
    }

    private void Unfollow(int slot)
    {
        _followed[slot]?.Unfollow(slot);
        _followed[slot] = null;
    }
}
