namespace OrleansKv.Engine.Types;

/// <summary>
/// A place between two neighbours in the order of a sorted set: some members lie before it, all others after it. Every range is what lies
/// between two cuts, which is why ranges by score and by name become ranges of ranks.
/// </summary>
internal unsafe interface ICut
{
    /// <summary>Whether the member of this node, with this score, lies before the cut.</summary>
    bool IsBefore(double score, byte* node);

    /// <summary>The same of a member in a listpack.</summary>
    bool IsBefore(double score, scoped ReadOnlySpan<byte> member);
}

/// <summary>The cut right behind a node's place in the order (or where it would be): by score, equal scores by the member's bytes.</summary>
internal readonly unsafe struct NodeCut(double score, byte* node) : ICut
{
    // The score comes first, so that a node is touched only among equal scores.
    public bool IsBefore(double score1, byte* other) =>
        score1 < score || (score1 == score && (other == node || SortedSetMember.Name(other).SequenceCompareTo(SortedSetMember.Name(node)) < 0));

    public bool IsBefore(double score1, scoped ReadOnlySpan<byte> member) =>
        score1 < score || (score1 == score && member.SequenceCompareTo(SortedSetMember.Name(node)) <= 0);
}

/// <summary>The cut before the first member of a listpack that belongs behind a new one.</summary>
internal readonly ref struct MemberCut(double score, ReadOnlySpan<byte> member) : ICut
{
    private readonly ReadOnlySpan<byte> _member = member;

    public unsafe bool IsBefore(double score1, byte* node) => IsBefore(score1, SortedSetMember.Name(node));

    public bool IsBefore(double score1, scoped ReadOnlySpan<byte> other) =>
        score1 < score || (score1 == score && other.SequenceCompareTo(_member) < 0);
}

/// <summary>The cut before, or behind, all members of one score.</summary>
internal readonly unsafe struct ScoreCut(double score, bool behind) : ICut
{
    public bool IsBefore(double score1, byte* node) => score1 < score || (behind && score1 == score);

    public bool IsBefore(double score1, scoped ReadOnlySpan<byte> member) => score1 < score || (behind && score1 == score);
}

/// <summary>The cut before, or behind, one name, among members of equal score.</summary>
internal readonly ref struct LexCut(ReadOnlySpan<byte> name, bool behind) : ICut
{
    private readonly ReadOnlySpan<byte> _name = name;

    public unsafe bool IsBefore(double score, byte* node) => IsBefore(score, SortedSetMember.Name(node));

    public bool IsBefore(double score, scoped ReadOnlySpan<byte> member)
    {
        var order = member.SequenceCompareTo(_name);
        return order < 0 || (behind && order == 0);
    }
}
