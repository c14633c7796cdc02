using OrleansKv.Contracts;

namespace OrleansKv.Grains.Replication;

/// <summary>
/// Puts items together whose bytes come in parts: one at a time for each primary. Nothing of an item is applied before it is whole. Any thread.
/// </summary>
internal sealed class IncomingParts
{
    // By primary. Under its own lock.
    private readonly Dictionary<string, Partial> _items = [];

    /// <summary>Takes a part, unless another is due.</summary>
    /// <returns>How many bytes of the item are here; -1 where a later session has begun.</returns>
    public int Take(ReplicaPart part)
    {
        lock (_items)
        {
            var item = _items.GetValueOrDefault(part.Primary);
            if (item != null && item.Session > part.Session) return -1;
            if (item == null || !item.Is(part.Session, part.Sequence) || item.Bytes.Length != part.TotalBytes)
                _items[part.Primary] = item = new(part.Session, part.Sequence, part.TotalBytes);
            if (part.Offset == item.Count)
            {
                part.Bytes.CopyTo(item.Bytes.AsSpan(item.Count));
                item.Count += part.Bytes.Length;
            }

            return item.Count;
        }
    }

    /// <summary>The call with its item's bytes, where these came in parts; without the item, where some are missing.</summary>
    public ReplicaCall Complete(ReplicaCall call)
    {
        if (call.Items is not [var item] || (item.Position & ReplicaItem.InParts) == 0) return call;
        lock (_items)
        {
            var isWhole = _items.TryGetValue(call.Primary, out var partial) && partial.Is(call.Session, call.Sequence) && partial.IsWhole;
            return call with { Items = isWhole ? [item with { Position = (byte)(item.Position & ~ReplicaItem.InParts), Bytes = partial!.Bytes }] : [] };
        }
    }

    /// <summary>Lets go what an answer says is applied, or will never be.</summary>
    public void Forget(string primary, ReplicaAnswer answer)
    {
        lock (_items)
        {
            if (!_items.TryGetValue(primary, out var item) || item.Session > answer.Session) return;
            if (item.Session < answer.Session || answer.NextSequence < 0 || answer.NextSequence > item.Sequence) _items.Remove(primary);
        }
    }

    /// <summary>The silos that are not in the map any more will send nothing more.</summary>
    public void ForgetGone(SlotMap map)
    {
        lock (_items)
        {
            foreach (var primary in _items.Keys.ToArray())
                if (map.Find(primary) == null) _items.Remove(primary);
        }
    }

    /// <summary>An item of which there are the first bytes.</summary>
    private sealed class Partial(long session, long sequence, int totalBytes)
    {
        public long Session => session;

        public long Sequence => sequence;

        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(totalBytes);

        public int Count { get; set; }

        public bool IsWhole => Count == Bytes.Length;

        public bool Is(long otherSession, long otherSequence) => session == otherSession && sequence == otherSequence;
    }
}
