namespace OrleansKv.Engine.Types;

/// <summary>How the scores of one member in several sets become one.</summary>
internal enum Aggregate
{
    Sum,
    Min,
    Max,
}

/// <summary>A sorted set, a plain set or nothing, as an operand.</summary>
/// <param name="Set">The operand; null is empty.</param>
/// <param name="Weight">What its scores are multiplied by.</param>
internal readonly record struct WeightedSet(Collection? Set, double Weight)
{
    public long Count => Set?.Count ?? 0;

    public bool TryGetScore(ReadOnlySpan<byte> member, out double score)
    {
        if (Set is SortedSet sorted) return sorted.TryGetScore(member, out score);
        score = 1;
        return Set is SetValue plain && plain.Contains(member);
    }
}

/// <summary>Unions, intersections and differences. The results are tables of members with scores, for <see cref="SortedSet.Of"/>.</summary>
/// <remarks>The smallest operand comes first, since sums of doubles depend on their order and Redis adds in this one. A product or
/// sum that is no number counts as 0.</remarks>
internal static unsafe class SortedSetMerge
{
    public static FieldTable Union(WeightedSet[] sources, Aggregate aggregate)
    {
        var result = new FieldTable();
        result.Reserve(sources.Max(source => source.Count));
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        foreach (var source in sources.OrderBy(source => source.Count))
        {
            using var reader = new MemberReader(source.Set, scratch);
            while (reader.MoveNext())
            {
                var score = NumberOrZero(source.Weight * reader.Score);
                var node = result.FindOrAdd(reader.Member, SortedSetMember.ScoreBytes, out var added).Block;
                SortedSetMember.SetScore(node, added ? score : Combine(SortedSetMember.Score(node), score, aggregate));
            }
        }

        return result;
    }

    public static FieldTable Inter(WeightedSet[] sources, Aggregate aggregate)
    {
        var result = new FieldTable();
        sources = [.. sources.OrderBy(source => source.Count)];
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        using var reader = new MemberReader(sources[0].Set, scratch);
        while (reader.MoveNext())
        {
            var score = NumberOrZero(sources[0].Weight * reader.Score);
            var found = 1;
            for (; found < sources.Length && reader.TryGetScoreIn(sources[found], out var other); found++)
                score = Combine(score, sources[found].Weight * other, aggregate);
            if (found == sources.Length) Add(result, reader.Member, score);
        }

        return result;
    }

    /// <summary>Members of the intersection; counting stops at <paramref name="limit"/>, where that is not 0.</summary>
    public static long CountInter(WeightedSet[] sources, long limit)
    {
        sources = [.. sources.OrderBy(source => source.Count)];
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        using var reader = new MemberReader(sources[0].Set, scratch);
        long count = 0;
        while ((limit == 0 || count < limit) && reader.MoveNext())
            if (IsInAll(reader, sources.AsSpan(1))) count++;
        return count;
    }

    /// <summary>The members of the first operand that are in no other, with their scores.</summary>
    public static FieldTable Diff(WeightedSet[] sources)
    {
        var first = sources[0];
        var others = sources.Skip(1).OrderByDescending(source => source.Count).ToArray();
        if (first.Count == 0 || others.Any(source => source.Set == first.Set)) return new FieldTable();

        // Looking each member up everywhere, or taking the others' members out of a copy: what is less work, as Redis estimates it.
        var total = first.Count + others.Sum(source => source.Count);
        return first.Count * sources.Length / 2 <= total ? DiffByLookup(first, others) : DiffByRemoval(first, others);
    }

    private static FieldTable DiffByLookup(WeightedSet first, WeightedSet[] others)
    {
        var result = new FieldTable();
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        using var reader = new MemberReader(first.Set, scratch);
        while (reader.MoveNext())
            if (!IsInAny(reader, others)) Add(result, reader.Member, reader.Score);
        return result;
    }

    private static FieldTable DiffByRemoval(WeightedSet first, WeightedSet[] others)
    {
        var result = new FieldTable();
        result.Reserve(first.Count);
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        using (var reader = new MemberReader(first.Set, scratch))
            while (reader.MoveNext()) Add(result, reader.Member, reader.Score);
        foreach (var other in others)
        {
            using var reader = new MemberReader(other.Set, scratch);
            while (result.Count > 0 && reader.MoveNext()) result.Remove(reader.Member);
        }

        return result;
    }

    private static void Add(FieldTable table, ReadOnlySpan<byte> member, double score) =>
        SortedSetMember.SetScore(table.Add(member, SortedSetMember.ScoreBytes).Block, score);

    private static bool IsInAll(in MemberReader reader, ReadOnlySpan<WeightedSet> sources)
    {
        foreach (var source in sources)
            if (!reader.TryGetScoreIn(source, out _)) return false;
        return true;
    }

    private static bool IsInAny(in MemberReader reader, ReadOnlySpan<WeightedSet> sources)
    {
        foreach (var source in sources)
            if (reader.TryGetScoreIn(source, out _)) return true;
        return false;
    }

    // Comparisons with NaN are false, so MIN and MAX keep what they have.
    private static double Combine(double left, double right, Aggregate aggregate) => aggregate switch
    {
        Aggregate.Min => right < left ? right : left,
        Aggregate.Max => right > left ? right : left,
        _ => NumberOrZero(left + right),
    };

    private static double NumberOrZero(double value) => double.IsNaN(value) ? 0 : value;
}

/// <summary>Walks over an operand, which must not change meanwhile. A search of it does no harm: its table moves nothing until the walk is
/// disposed.</summary>
internal ref struct MemberReader
{
    private readonly Collection? _set;
    private readonly FieldTable? _table;
    private readonly bool _isPlain;
    private SortedSetReader _sorted;
    private SetValue.SetMembers _plain;

    public MemberReader(Collection? set, Span<byte> scratch)
    {
        _set = set;
        if (set is SortedSet sorted)
        {
            _sorted = sorted.Read(new RankRange(0, sorted.Count), reverse: false, scratch);
        }
        else if (set is SetValue plain)
        {
            _isPlain = true;
            _plain = plain.Members(scratch);
            _table = plain.Table;
            _table?.PauseRehash();
        }
    }

    public readonly ReadOnlySpan<byte> Member => _isPlain ? _plain.Current : _sorted.Member;

    public readonly double Score => _isPlain ? 1 : _sorted.Score;

    public bool MoveNext() => _isPlain ? _plain.MoveNext() : _sorted.MoveNext();

    /// <summary>The score that another operand gives the member. The operand under the reader, named again, is not searched for it.</summary>
    public readonly bool TryGetScoreIn(in WeightedSet other, out double score)
    {
        if (other.Set != _set) return other.TryGetScore(Member, out score);
        score = Score;
        return true;
    }

    public readonly void Dispose() => _table?.ResumeRehash();
}
