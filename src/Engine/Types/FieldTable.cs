using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>A native hash table that owns its nodes: the "hashtable" encoding of hashes and sets, and the members of a big sorted set.</summary>
/// <remarks>Used under the slot lock. <see cref="Free"/> gives everything back, on any thread.</remarks>
public sealed unsafe class FieldTable : NativeTable<FieldLayout>
{
    /// <summary>Native bytes of the nodes and the buckets.</summary>
    public long NativeBytes => NodeBytes + BucketBytes;

    private long NodeBytes { get; set; }

    /// <summary>The node with this key; null where there is none.</summary>
    public FieldNode Find(scoped ReadOnlySpan<byte> key) => new(Find(key, KeyHash.Of(key)));

    /// <summary>The node at an address that a scan or a sample gave.</summary>
    public static FieldNode NodeAt(nint address) => new((byte*)address);

    /// <summary>Adds a key without a value; false where it is there already.</summary>
    public bool TryAdd(scoped ReadOnlySpan<byte> key)
    {
        var hash = KeyHash.Of(key);
        if (FindLink(key, hash) != null) return false;
        Insert(key, 0, hash);
        return true;
    }

    /// <summary>Adds a key, which is not there, with room for a value that the caller then writes.</summary>
    public FieldNode Add(scoped ReadOnlySpan<byte> key, int valueBytes) => Insert(key, valueBytes, KeyHash.Of(key));

    /// <summary>The node with this key, added with room for a value of <paramref name="valueBytes"/> bytes where there was none.</summary>
    public FieldNode FindOrAdd(scoped ReadOnlySpan<byte> key, int valueBytes, out bool added)
    {
        var hash = KeyHash.Of(key);
        var found = Find(key, hash);
        added = found == null;
        return added ? Insert(key, valueBytes, hash) : new FieldNode(found);
    }

    /// <summary>Sets a key's value, in place where it fits; true where the key is new.</summary>
    public bool Set(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        var hash = KeyHash.Of(key);
        var link = FindLink(key, hash);
        if (link == null)
        {
            value.CopyTo(Insert(key, value.Length, hash).Value);
            return true;
        }

        var node = new FieldNode(Node(*link));
        if (node.TryOverwrite(value)) return false;
        var moved = FieldNode.Create(node.Key, value.Length);
        value.CopyTo(moved.Value);
        Replace(link, moved.Block);
        NodeBytes += moved.BlockBytes - node.BlockBytes;
        node.Release();
        return false;
    }

    /// <summary>Removes a key and frees its node; false where there is none.</summary>
    public bool Remove(scoped ReadOnlySpan<byte> key)
    {
        var link = FindLink(key, KeyHash.Of(key));
        if (link == null) return false;
        Remove(link);
        return true;
    }

    /// <summary>Removes a node of this table and frees it.</summary>
    public void Remove(FieldNode node) => Remove(LinkTo(node.Block));

    /// <summary>A node that every other could have been with the same chance. The table is not empty.</summary>
    public FieldNode PickFairly(Random random) => new(FairRandom(random));

    /// <summary>Walks all nodes. Meanwhile the table must neither change nor be searched, which may move nodes.</summary>
    public FieldNodes Nodes() => new(this);

    /// <summary>A copy with nodes of its own.</summary>
    public FieldTable Clone()
    {
        var copy = new FieldTable();
        copy.Reserve(Count);
        for (var nodes = Nodes(); nodes.MoveNext();)
        {
            var node = nodes.Current;
            node.Value.CopyTo(copy.Add(node.Key, node.Value.Length).Value);
        }

        return copy;
    }

    /// <summary>Frees the nodes and the buckets; the table is empty afterwards.</summary>
    public void Free()
    {
        // A node is freed one step late, since the walk goes on from the link inside it.
        byte* previous = null;
        foreach (var block in this)
        {
            if (previous != null) new FieldNode(previous).Release();
            previous = block;
        }

        if (previous != null) new FieldNode(previous).Release();
        FreeBuckets();
        NodeBytes = 0;
    }

    private FieldNode Insert(scoped ReadOnlySpan<byte> key, int valueBytes, ulong hash)
    {
        var node = FieldNode.Create(key, valueBytes);
        Insert(node.Block, hash);
        NodeBytes += node.BlockBytes;
        return node;
    }

    private void Remove(ulong* link)
    {
        var node = new FieldNode(Unlink(link));
        NodeBytes -= node.BlockBytes;
        node.Release();
    }

    /// <summary>A walk over the nodes.</summary>
    public ref struct FieldNodes
    {
        private Enumerator _blocks;

        internal FieldNodes(FieldTable table) => _blocks = table.GetEnumerator();

        /// <summary>The node.</summary>
        public readonly FieldNode Current => new(_blocks.Current);

        public bool MoveNext() => _blocks.MoveNext();
    }
}
