using System.Runtime.InteropServices;

namespace OrleansKv.MemoryLayout;

/// <summary>Where the native layouts get their blocks. The owner of a block knows its size, so freeing takes it.</summary>
internal interface IBlocks
{
    static abstract nint Allocate(int size);

    static abstract void Free(nint block, int size);

    /// <summary>What a block of this size really occupies: an overwrite that occupies as much happens in place.</summary>
    static abstract int Occupied(int size);
}

/// <summary>The C library's allocator.</summary>
internal unsafe struct MallocBlocks : IBlocks
{
    public static nint Allocate(int size) => (nint)NativeMemory.Alloc((nuint)size);

    public static void Free(nint block, int size) => NativeMemory.Free((void*)block);

    // glibc keeps 8 bytes before a block and rounds to 16.
    public static int Occupied(int size) => (size + 8 + 15) & ~15;
}

/// <summary>One native block per key (chain pointer, header, key, value) in tables of native pointers.</summary>
internal sealed unsafe class NativeStore<TBlocks> : KeyStore
    where TBlocks : struct, IBlocks
{
    private readonly Table[] _tables = [.. Enumerable.Range(0, SlotCount).Select(_ => new Table())];

    public override int Get(ReadOnlySpan<byte> key, ulong hash, Span<byte> destination)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            Block* block = *table.Find(key, TagOf(hash));
            if (block == null)
            {
                return -1;
            }
            block->Header.LastAccess++;
            Block.Value(block).CopyTo(destination);
            return block->Header.ValueLength;
        }
    }

    public override void Set(ReadOnlySpan<byte> key, ulong hash, ReadOnlySpan<byte> value)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            Block** link = table.Find(key, TagOf(hash));
            Block* old = *link;
            if (old == null)
            {
                table.Add(Block.Create(key, TagOf(hash), value));
                return;
            }
            int oldSize = Block.SizeOf(old);
            if (TBlocks.Occupied(Block.HeadSize + key.Length + value.Length) == TBlocks.Occupied(oldSize))
            {
                old->Header.ValueLength = value.Length;
                value.CopyTo(Block.Value(old));
                return;
            }
            Block* replacement = Block.Create(key, TagOf(hash), value);
            replacement->Next = old->Next;
            *link = replacement;
            TBlocks.Free((nint)old, oldSize);
        }
    }

    public override bool Delete(ReadOnlySpan<byte> key, ulong hash)
    {
        Table table = _tables[SlotOf(hash)];
        lock (table)
        {
            Block** link = table.Find(key, TagOf(hash));
            Block* block = *link;
            if (block == null)
            {
                return false;
            }
            *link = block->Next;
            table.Count--;
            TBlocks.Free((nint)block, Block.SizeOf(block));
            return true;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Block
    {
        public const int HeadSize = 8 + EntryHeader.Size;

        public Block* Next;
        public EntryHeader Header;

        public static int SizeOf(Block* block) => HeadSize + block->Header.KeyLength + block->Header.ValueLength;

        public static Span<byte> Key(Block* block) => new((byte*)block + HeadSize, block->Header.KeyLength);

        public static Span<byte> Value(Block* block)
            => new((byte*)block + HeadSize + block->Header.KeyLength, block->Header.ValueLength);

        public static Block* Create(ReadOnlySpan<byte> key, uint tag, ReadOnlySpan<byte> value)
        {
            Block* block = (Block*)TBlocks.Allocate(HeadSize + key.Length + value.Length);
            block->Header = new EntryHeader { Tag = tag, KeyLength = (ushort)key.Length, ValueLength = value.Length, TypeAndFlags = 1 };
            key.CopyTo(Key(block));
            value.CopyTo(Value(block));
            return block;
        }
    }

    private sealed class Table
    {
        private Block** _buckets = AllocateBuckets(InitialBuckets);
        private int _bucketCount = InitialBuckets;

        public int Count { get; set; }

        /// <summary>The link that points to the key's block, or the null link at the end of its chain.</summary>
        public Block** Find(ReadOnlySpan<byte> key, uint tag)
        {
            Block** link = _buckets + (tag & (_bucketCount - 1));
            while (*link != null && !((*link)->Header.Tag == tag && Block.Key(*link).SequenceEqual(key)))
            {
                link = &(*link)->Next;
            }
            return link;
        }

        public void Add(Block* block)
        {
            if (Count++ == _bucketCount)
            {
                Grow();
            }
            Link(_buckets, _bucketCount, block);
        }

        private static void Link(Block** buckets, int bucketCount, Block* block)
        {
            Block** head = buckets + (block->Header.Tag & (bucketCount - 1));
            block->Next = *head;
            *head = block;
        }

        private static Block** AllocateBuckets(int count)
        {
            Block** buckets = (Block**)TBlocks.Allocate(count * sizeof(nint));
            new Span<nint>(buckets, count).Clear();
            return buckets;
        }

        private void Grow()
        {
            Block** grown = AllocateBuckets(_bucketCount * 2);
            for (int i = 0; i < _bucketCount; i++)
            {
                for (Block* block = _buckets[i]; block != null;)
                {
                    Block* next = block->Next;
                    Link(grown, _bucketCount * 2, block);
                    block = next;
                }
            }
            TBlocks.Free((nint)_buckets, _bucketCount * sizeof(nint));
            _buckets = grown;
            _bucketCount *= 2;
        }
    }
}
