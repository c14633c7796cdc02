using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Grains.Replication;

/// <summary>A slot's content as pieces of a stream: one without bytes where the slot is empty, as most are, else the chunks of a copy.</summary>
internal sealed class SlotContent(Store store, Slot slot, long epoch) : ISlotContent
{
    private SlotCopy? _copy;

    public StreamItem Next()
    {
        if (_copy == null && LsnIfEmpty() is { } lsn) return new StreamItem(lsn, slot.Number, epoch, PiecePosition.Whole, default);
        var position = _copy == null ? PiecePosition.First : PiecePosition.Middle;
        _copy ??= new SlotCopy(store, slot);
        var chunk = _copy.Next() ?? throw new InvalidOperationException("The last piece was taken before.");
        return _copy.IsComplete
            ? new StreamItem(_copy.Lsn, slot.Number, epoch, position | PiecePosition.Last, chunk.ToArray())
            : new StreamItem(0, slot.Number, epoch, position, chunk.ToArray());
    }

    public void Dispose() => _copy?.Dispose();

    /// <summary>Up to which LSN the slot has everything, if that is nothing.</summary>
    private long? LsnIfEmpty()
    {
        slot.Lock.Enter();
        try
        {
            for (var database = 0; database < slot.DatabaseCount; database++)
                if (slot.CountKeys(database) > 0) return null;
            return store.Journal!.LastLsn;
        }
        finally
        {
            slot.Lock.Exit();
        }
    }
}
