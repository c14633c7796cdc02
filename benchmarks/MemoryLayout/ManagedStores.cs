using System.Runtime.InteropServices;

namespace OrleansKv.MemoryLayout;

/// <summary>Header, key and value in one byte array, as both managed layouts keep them.</summary>
internal static class ManagedRecord
{
    /// <summary>Rounded up to what the runtime would round to, so that the slack can be used by an overwrite in place.</summary>
    public static int Capacity(int keyLength, int valueLength) => (EntryHeader.Size + keyLength + valueLength + 7) & ~7;

    public static ref EntryHeader Header(byte[] record) => ref MemoryMarshal.AsRef<EntryHeader>(record.AsSpan());

    public static byte[] Create(ReadOnlySpan<byte> key, uint tag, ReadOnlySpan<byte> value)
    {
        byte[] record = GC.AllocateUninitializedArray<byte>(Capacity(key.Length, value.Length));
        Header(record) = new EntryHeader { Tag = tag, KeyLength = (ushort)key.Length, ValueLength = value.Length, TypeAndFlags = 1 };
        key.CopyTo(record.AsSpan(EntryHeader.Size));
        value.CopyTo(record.AsSpan(EntryHeader.Size + key.Length));
        return record;
    }

    public static bool Matches(byte[] record, uint tag, ReadOnlySpan<byte> key)
    {
        ref EntryHeader header = ref Header(record);
        return header.Tag == tag && record.AsSpan(EntryHeader.Size, header.KeyLength).SequenceEqual(key);
    }

    public static int CopyValue(byte[] record, Span<byte> destination)
    {
        ref EntryHeader header = ref Header(record);
        header.LastAccess++;
        record.AsSpan(EntryHeader.Size + header.KeyLength, header.ValueLength).CopyTo(destination);
        return header.ValueLength;
    }

    public static bool TryOverwrite(byte[] record, ReadOnlySpan<byte> value)
    {
        ref EntryHeader header = ref Header(record);
        if (Capacity(header.KeyLength, value.Length) != record.Length)
        {
            return false;
        }
        value.CopyTo(record.AsSpan(EntryHeader.Size + header.KeyLength));
        header.ValueLength = value.Length;
        return true;
    }
}

/// <summary>An object per key with the chain reference, and the record beside it: two objects per key.</summary>
internal sealed class ManagedEntryStore : KeyStore
{
    private readonly Table[] _tables = [.. Enumerable.Range(0, SlotCount).Select(_ => new Table())];

    public override int Get(ReadOnlySpan<byte> key, ulong hash, Span<byte> destination)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            Entry? entry = table.Find(key, TagOf(hash));
            return entry is null ? -1 : ManagedRecord.CopyValue(entry.Record, destination);
        }
    }

    public override void Set(ReadOnlySpan<byte> key, ulong hash, ReadOnlySpan<byte> value)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            Entry? entry = table.Find(key, TagOf(hash));
            if (entry is null)
            {
                table.Add(new Entry { Record = ManagedRecord.Create(key, TagOf(hash), value) }, TagOf(hash));
            }
            else if (!ManagedRecord.TryOverwrite(entry.Record, value))
            {
                entry.Record = ManagedRecord.Create(key, TagOf(hash), value);
            }
        }
    }

    public override bool Delete(ReadOnlySpan<byte> key, ulong hash)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            return table.Remove(key, TagOf(hash));
        }
    }

    private sealed class Entry
    {
        public Entry? Next;
        public required byte[] Record;
    }

    private sealed class Table
    {
        private Entry?[] _buckets = new Entry?[InitialBuckets];
        private int _count;

        public Entry? Find(ReadOnlySpan<byte> key, uint tag)
        {
            Entry? entry = _buckets[tag & (_buckets.Length - 1)];
            while (entry is not null && !ManagedRecord.Matches(entry.Record, tag, key))
            {
                entry = entry.Next;
            }
            return entry;
        }

        public void Add(Entry entry, uint tag)
        {
            if (_count++ == _buckets.Length)
            {
                Grow();
            }
            Link(_buckets, entry, tag);
        }

        public bool Remove(ReadOnlySpan<byte> key, uint tag)
        {
            ref Entry? link = ref _buckets[tag & (_buckets.Length - 1)];
            while (link is not null && !ManagedRecord.Matches(link.Record, tag, key))
            {
                link = ref link.Next;
            }
            if (link is null)
            {
                return false;
            }
            link = link.Next;
            _count--;
            return true;
        }

        private static void Link(Entry?[] buckets, Entry entry, uint tag)
        {
            ref Entry? head = ref buckets[tag & (buckets.Length - 1)];
            entry.Next = head;
            head = entry;
        }

        private void Grow()
        {
            Entry?[] grown = new Entry?[_buckets.Length * 2];
            foreach (Entry? chain in _buckets)
            {
                for (Entry? entry = chain; entry is not null;)
                {
                    Entry? next = entry.Next;
                    Link(grown, entry, ManagedRecord.Header(entry.Record).Tag);
                    entry = next;
                }
            }
            _buckets = grown;
        }
    }
}

/// <summary>
/// The leanest managed layout: the record alone, one object per key. An array cannot hold a reference beside its bytes, so the table is
/// open-addressed (linear probing, at most 3/4 full) instead of chained.
/// </summary>
internal sealed class ManagedArrayStore : KeyStore
{
    private readonly Table[] _tables = [.. Enumerable.Range(0, SlotCount).Select(_ => new Table())];

    public override int Get(ReadOnlySpan<byte> key, ulong hash, Span<byte> destination)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            byte[]? record = table.Position(key, TagOf(hash));
            return record is null ? -1 : ManagedRecord.CopyValue(record, destination);
        }
    }

    public override void Set(ReadOnlySpan<byte> key, ulong hash, ReadOnlySpan<byte> value)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            ref byte[]? record = ref table.Position(key, TagOf(hash));
            if (record is null)
            {
                table.Add(ManagedRecord.Create(key, TagOf(hash), value), TagOf(hash));
            }
            else if (!ManagedRecord.TryOverwrite(record, value))
            {
                record = ManagedRecord.Create(key, TagOf(hash), value);
            }
        }
    }

    public override bool Delete(ReadOnlySpan<byte> key, ulong hash)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            return table.Remove(key, TagOf(hash));
        }
    }

    private sealed class Table
    {
        private byte[]?[] _records = new byte[]?[InitialBuckets];
        private int _count;

        /// <summary>Where the key's record is, or the empty place that ends its probe sequence.</summary>
        public ref byte[]? Position(ReadOnlySpan<byte> key, uint tag)
        {
            int mask = _records.Length - 1;
            int i = (int)(tag & mask);
            while (_records[i] is { } record && !ManagedRecord.Matches(record, tag, key))
            {
                i = (i + 1) & mask;
            }
            return ref _records[i];
        }

        public void Add(byte[] record, uint tag)
        {
            if ((_count + 1) * 4 > _records.Length * 3)
            {
                byte[]?[] old = _records;
                _records = new byte[]?[old.Length * 2];
                foreach (byte[]? moved in old)
                {
                    if (moved is not null)
                    {
                        Place(moved, ManagedRecord.Header(moved).Tag);
                    }
                }
            }
            Place(record, tag);
            _count++;
        }

        public bool Remove(ReadOnlySpan<byte> key, uint tag)
        {
            int mask = _records.Length - 1;
            int hole = (int)(tag & mask);
            while (_records[hole] is { } record && !ManagedRecord.Matches(record, tag, key))
            {
                hole = (hole + 1) & mask;
            }
            if (_records[hole] is null)
            {
                return false;
            }
            // What follows in the same run moves back where its own probe sequence allows it, so that no tombstone is needed.
            for (int i = (hole + 1) & mask; _records[i] is { } follower; i = (i + 1) & mask)
            {
                int home = (int)(ManagedRecord.Header(follower).Tag & mask);
                if (((i - home) & mask) >= ((i - hole) & mask))
                {
                    _records[hole] = follower;
                    hole = i;
                }
            }
            _records[hole] = null;
            _count--;
            return true;
        }

        private void Place(byte[] record, uint tag)
        {
            int mask = _records.Length - 1;
            int i = (int)(tag & mask);
            while (_records[i] is not null)
            {
                i = (i + 1) & mask;
            }
            _records[i] = record;
        }
    }
}
