using System.Diagnostics;
using System.Numerics;

namespace OrleansKv.Engine.Memory;

/// <summary>Where a table's nodes keep their key.</summary>
public unsafe interface INodeLayout
{
    /// <summary>The key bytes of the node. Its first eight bytes belong to the table.</summary>
    static abstract ReadOnlySpan<byte> KeyOf(byte* node);
}

/// <summary>
/// A hash table of native nodes, chained through their first word: the keyspace of a slot, the fields of a big hash, the members of a
/// big set or sorted set.
/// </summary>
/// <remarks>
/// Growth is incremental as in Redis's dict (one bucket moves with each operation), and <see cref="Scan"/> walks buckets in
/// reverse-binary order, so that a cursor survives growth and shrinking: every element that is there throughout is returned at least
/// once. A link is a pointer with the hash's upper 16 bits above its 48 address bits, so that most mismatches are seen without
/// touching the node. The table owns its buckets, not its nodes. One thread at a time, under the slot lock.
/// </remarks>
public unsafe class NativeTable<TLayout> where TLayout : struct, INodeLayout
{
    private const ulong AddressMask = 0x0000_FFFF_FFFF_FFFF;
    private const int InitialBuckets = 4;

    // Tables up to this many buckets are resized at once; it takes microseconds.
    private const int ResizeAtOnce = 512;

    // A chain of more than this many nodes comes about once in a million buckets at the highest load.
    private const int FairPlaces = 8;

    private ulong* _buckets;
    private ulong _mask;
    private ulong* _old;
    private ulong _oldMask;
    private long _rehashed;
    private byte _bucketsClass;
    private byte _oldClass;
    private int _pauseCount;

    /// <summary>Nodes in the table.</summary>
    public long Count { get; private set; }

    /// <summary>Buckets, of both tables while it is being resized.</summary>
    public long BucketCount => (_buckets == null ? 0 : (long)_mask + 1) + (_old == null ? 0 : (long)_oldMask + 1);

    /// <summary>Native bytes of the bucket arrays.</summary>
    public long BucketBytes => BucketCount * sizeof(ulong);

    /// <summary>True while buckets move to a larger or smaller array.</summary>
    public bool IsRehashing => _old != null;

    /// <summary>The node with this key, or null.</summary>
    public byte* Find(scoped ReadOnlySpan<byte> key, ulong hash)
    {
        var link = FindLink(key, hash);
        return link == null ? null : Node(*link);
    }

    /// <summary>The word that points to the node with this key, or null. Valid until the table is next changed or searched.</summary>
    public ulong* FindLink(scoped ReadOnlySpan<byte> key, ulong hash)
    {
        if (Count == 0) return null;
        if (_old != null)
        {
            RehashStep();
            if (_old != null)
            {
                var inOld = FindIn(_old + (hash & _oldMask), key, hash);
                if (inOld != null) return inOld;
            }
        }

        return FindIn(_buckets + (hash & _mask), key, hash);
    }

    /// <summary>Fetches the bucket of a hash. Needs no lock: nothing is read from native memory.</summary>
    internal void PrefetchBucket(ulong hash) => Prefetch.Line(_buckets + (hash & _mask));

    /// <summary>Fetches the first node of the bucket of a hash.</summary>
    internal void PrefetchNode(ulong hash)
    {
        if (_buckets == null) return;
        var node = Node(_buckets[hash & _mask]);
        Prefetch.Line(node);
        Prefetch.Line(node + 64);
    }

    /// <summary>The word that points to <paramref name="node"/>, which is in the table.</summary>
    public ulong* LinkTo(byte* node)
    {
        var hash = KeyHash.Of(TLayout.KeyOf(node));
        var link = _old == null ? null : SearchFor(_old + (hash & _oldMask), node);
        if (link == null) link = SearchFor(_buckets + (hash & _mask), node);
        Debug.Assert(link != null);
        return link;
    }

    /// <summary>Adds a node whose key is not in the table.</summary>
    public void Insert(byte* node, ulong hash)
    {
        GrowIfNeeded();
        if (_old != null) RehashStep();
        var bucket = _buckets + (hash & _mask);
        *(ulong*)node = *bucket;
        *bucket = Link(node, hash);
        Count++;
    }

    /// <summary>Puts <paramref name="node"/>, which has the same key, in the place of the node that <paramref name="link"/> points to.</summary>
    public static void Replace(ulong* link, byte* node)
    {
        *(ulong*)node = *(ulong*)Node(*link);
        *link = (*link & ~AddressMask) | (ulong)node;
    }

    /// <summary>Takes the node that <paramref name="link"/> points to out of the table and gives it.</summary>
    public byte* Unlink(ulong* link)
    {
        var node = Node(*link);
        *link = *(ulong*)node;
        Count--;
        ShrinkIfNeeded();
        return node;
    }

    /// <summary>The node that a link points to.</summary>
    public static byte* Node(ulong link) => (byte*)(link & AddressMask);

    /// <summary>
    /// Adds the nodes of the next bucket to <paramref name="found"/> and gives the cursor that follows, 0 at the end.
    /// </summary>
    /// <remarks>Algorithm: reverse-binary iteration (Pieter Noordhuis), as described above dictScan in Redis.</remarks>
    public ulong Scan(ulong cursor, List<nint> found)
    {
        if (Count == 0) return 0;
        if (_old == null)
        {
            Collect(_buckets[cursor & _mask], found);
            return NextCursor(cursor, _mask);
        }

        var smallFirst = _mask < _oldMask;
        var small = smallFirst ? _buckets : _old;
        var smallMask = smallFirst ? _mask : _oldMask;
        var large = smallFirst ? _old : _buckets;
        var largeMask = smallFirst ? _oldMask : _mask;
        Collect(small[cursor & smallMask], found);
        do
        {
            Collect(large[cursor & largeMask], found);
            cursor = NextCursor(cursor, largeMask);
        }
        while ((cursor & (smallMask ^ largeMask)) != 0);
        return cursor;
    }

    /// <summary>A random node; every node has a chance, chains and neighbours make it uneven. The table is not empty.</summary>
    /// <param name="random">A random number source of the caller.</param>
    public byte* Random(Random random)
    {
        Debug.Assert(Count > 0);
        while (true)
        {
            var at = random.NextInt64(BucketCount);
            var oldCount = _old == null ? 0 : (long)_oldMask + 1;
            var link = at < oldCount ? _old[at] : _buckets[at - oldCount];
            if (link == 0) continue;
            var length = 0;
            for (var l = link; l != 0; l = *(ulong*)Node(l)) length++;
            for (var skip = random.Next(length); skip > 0; skip--) link = *(ulong*)Node(link);
            return Node(link);
        }
    }

    /// <summary>A random node, each with the same chance. The table is not empty.</summary>
    /// <remarks>Rejection: a random bucket and a random place in its chain are drawn until there is a node at that place. Places are drawn
    /// below a bound that chains of a sound table practically never pass; one that does raises it.</remarks>
    public byte* FairRandom(Random random)
    {
        Debug.Assert(Count > 0);
        var places = FairPlaces;
        while (true)
        {
            var at = random.NextInt64(BucketCount);
            var oldCount = _old == null ? 0 : (long)_oldMask + 1;
            var link = at < oldCount ? _old[at] : _buckets[at - oldCount];
            if (link == 0) continue;
            var place = random.Next(places);
            for (var skip = place; skip > 0 && link != 0; skip--) link = *(ulong*)Node(link);
            if (link == 0) continue;
            if (place < places - 1 || *(ulong*)Node(link) == 0) return Node(link);
            places *= 2;
        }
    }

    /// <summary>
    /// Adds up to <paramref name="wanted"/> nodes that stand near each other to <paramref name="found"/>: a cheap sample for eviction and
    /// for a fair random choice. May give fewer in a sparse table.
    /// </summary>
    public void Sample(Random random, int wanted, List<nint> found)
    {
        if (Count == 0) return;
        var goal = found.Count + (int)Math.Min(wanted, Count);
        var at = (ulong)random.NextInt64();
        for (var steps = wanted * 10; steps > 0 && found.Count < goal; steps--, at++)
        {
            if (_old != null) CollectUpTo(_old[at & _oldMask], goal, found);
            CollectUpTo(_buckets[at & _mask], goal, found);
        }
    }

    /// <summary>All nodes. The table must not change meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Stops incremental resizing while something walks the table; nests.</summary>
    public void PauseRehash() => _pauseCount++;

    public void ResumeRehash() => _pauseCount--;

    /// <summary>Makes room for <paramref name="count"/> nodes at once, where that many are about to come.</summary>
    public void Reserve(long count)
    {
        if (_old == null && count > Count && count > (long)_mask + 1) Resize(count);
    }

    /// <summary>Moves up to <paramref name="buckets"/> buckets; true while there is more to move.</summary>
    public bool Rehash(int buckets)
    {
        for (; buckets > 0 && _old != null; buckets--) RehashStep();
        return _old != null;
    }

    /// <summary>Gives the bucket arrays back. The nodes are the caller's.</summary>
    public void FreeBuckets()
    {
        if (_buckets != null) SlabHeap.Free((byte*)_buckets, _bucketsClass);
        if (_old != null) SlabHeap.Free((byte*)_old, _oldClass);
        _buckets = _old = null;
        _mask = _oldMask = 0;
        Count = 0;
    }

    private static ulong Link(byte* node, ulong hash) => (ulong)node | (hash & ~AddressMask);

    private static ulong* FindIn(ulong* link, scoped ReadOnlySpan<byte> key, ulong hash)
    {
        while (*link != 0)
        {
            var node = Node(*link);
            if (((*link ^ hash) & ~AddressMask) == 0 && TLayout.KeyOf(node).SequenceEqual(key)) return link;
            link = (ulong*)node;
        }

        return null;
    }

    private static ulong* SearchFor(ulong* link, byte* node)
    {
        while (*link != 0)
        {
            if (Node(*link) == node) return link;
            link = (ulong*)Node(*link);
        }

        return null;
    }

    private static void Collect(ulong link, List<nint> found)
    {
        for (; link != 0; link = *(ulong*)Node(link)) found.Add((nint)Node(link));
    }

    private static void CollectUpTo(ulong link, int goal, List<nint> found)
    {
        for (; link != 0 && found.Count < goal; link = *(ulong*)Node(link)) found.Add((nint)Node(link));
    }

    private static ulong NextCursor(ulong cursor, ulong mask) => Reverse(Reverse(cursor | ~mask) + 1);

    private static ulong Reverse(ulong value)
    {
        value = ((value >> 1) & 0x5555555555555555) | ((value & 0x5555555555555555) << 1);
        value = ((value >> 2) & 0x3333333333333333) | ((value & 0x3333333333333333) << 2);
        value = ((value >> 4) & 0x0F0F0F0F0F0F0F0F) | ((value & 0x0F0F0F0F0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);
    }

    private void GrowIfNeeded()
    {
        if (_old != null) return;
        if (_buckets == null) Resize(InitialBuckets);
        else if (Count > (long)_mask) Resize(Count + 1);
    }

    private void ShrinkIfNeeded()
    {
        if (_old != null || _mask < InitialBuckets || Count * 10 > (long)_mask) return;
        Resize(Math.Max(Count, InitialBuckets));
    }

    private void Resize(long count)
    {
        var size = BitOperations.RoundUpToPowerOf2((ulong)Math.Max(count, InitialBuckets));
        if (_pauseCount > 0 && _buckets != null) return;
        var fresh = (ulong*)SlabHeap.AllocateZeroed((long)size * sizeof(ulong), out var freshClass);
        if (_buckets != null)
        {
            _old = _buckets;
            _oldMask = _mask;
            _oldClass = _bucketsClass;
            _rehashed = 0;
        }

        _buckets = fresh;
        _mask = size - 1;
        _bucketsClass = freshClass;
        if (_old != null && _oldMask < ResizeAtOnce) while (_old != null) RehashStep();
    }

    // Moves one bucket that holds something, passing over at most ten empty ones.
    private void RehashStep()
    {
        if (_pauseCount > 0) return;
        for (var empty = 10; empty > 0; empty--)
        {
            if (_rehashed > (long)_oldMask)
            {
                SlabHeap.Free((byte*)_old, _oldClass);
                _old = null;
                return;
            }

            var link = _old[_rehashed];
            _old[_rehashed++] = 0;
            if (link == 0) continue;
            while (link != 0)
            {
                var node = Node(link);
                var next = *(ulong*)node;
                var bucket = _buckets + (KeyHash.Of(TLayout.KeyOf(node)) & _mask);
                *(ulong*)node = *bucket;
                *bucket = link;
                link = next;
            }

            return;
        }
    }

    /// <summary>Walks all nodes, old buckets first.</summary>
    public ref struct Enumerator
    {
        private readonly NativeTable<TLayout> _table;
        private ulong _link;
        private long _at;

        internal Enumerator(NativeTable<TLayout> table) => _table = table;

        /// <summary>The node.</summary>
        public readonly byte* Current => Node(_link);

        public bool MoveNext()
        {
            if (_link != 0) _link = *(ulong*)Node(_link);
            var oldCount = _table._old == null ? 0 : (long)_table._oldMask + 1;
            while (_link == 0)
            {
                if (_table.Count == 0 || _at >= _table.BucketCount) return false;
                _link = _at < oldCount ? _table._old[_at] : _table._buckets[_at - oldCount];
                _at++;
            }

            return true;
        }
    }
}
