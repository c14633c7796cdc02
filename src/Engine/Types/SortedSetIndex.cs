namespace OrleansKv.Engine.Types;

/// <summary>A big sorted set: its members in a hash table, whose nodes a <see cref="ScoreTree"/> holds in order.</summary>
internal sealed unsafe class SortedSetIndex
{
    public SortedSetIndex(long expectedCount = 0)
    {
        Table = new FieldTable();
        Table.Reserve(expectedCount);
    }

    /// <summary>An index over the nodes of <paramref name="table"/>, which it takes over.</summary>
    public SortedSetIndex(FieldTable table)
    {
        Table = table;
        foreach (var node in table) Tree.Insert(SortedSetMember.Score(node), node);
    }

    public FieldTable Table { get; }

    public ScoreTree Tree { get; } = new();

    public long Count => Table.Count;

    public long NativeBytes => Table.NativeBytes + Tree.PageBytesInUse;

    /// <summary>The member's node, or null.</summary>
    public byte* Find(scoped ReadOnlySpan<byte> member) => Table.Find(member).Block;

    /// <summary>The member's node; where there was none, a new one that <see cref="Place"/> has yet to give a score and a place.</summary>
    public byte* FindOrAdd(scoped ReadOnlySpan<byte> member, out bool added) =>
        Table.FindOrAdd(member, SortedSetMember.ScoreBytes, out added).Block;

    /// <summary>Gives a new node its score and its place in the order.</summary>
    public void Place(byte* node, double score)
    {
        SortedSetMember.SetScore(node, score);
        Tree.Insert(score, node);
    }

    /// <summary>Adds a member that is not there.</summary>
    public void Add(scoped ReadOnlySpan<byte> member, double score) =>
        Place(Table.Add(member, SortedSetMember.ScoreBytes).Block, score);

    public void SetScore(byte* node, double score)
    {
        Tree.Move(node, SortedSetMember.Score(node), score);
        SortedSetMember.SetScore(node, score);
    }

    public void Remove(byte* node)
    {
        Tree.Remove(SortedSetMember.Score(node), node);
        Table.Remove(new FieldNode(node));
    }

    public void RemoveRange(RankRange range)
    {
        for (var left = range.Count; left > 0; left--) Remove(Tree.At(range.Start).Node);
    }

    public long RankOf(byte* node) => Tree.CountBefore(new NodeCut(SortedSetMember.Score(node), node)) - 1;

    public SortedSetIndex Clone()
    {
        var copy = new SortedSetIndex(Count);
        if (Count == 0) return copy;
        var position = Tree.At(0);
        for (var left = Count; left > 0; left--, position.Next()) copy.Add(SortedSetMember.Name(position.Node), position.Score);
        return copy;
    }

    public void Free()
    {
        Tree.Free();
        Table.Free();
    }
}
