using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Types;

/// <summary>Members with scores, in the order of score and, among equal scores, of the member's bytes.</summary>
/// <remarks>Small ones are a listpack, big ones a hash table and a tree; a set that grew out of the listpack does not go back.</remarks>
public sealed unsafe class SortedSet : Collection
{
    private SortedSetPack _pack;
    private SortedSetIndex? _index;

    /// <summary>An empty set, of the encoding that suits <paramref name="expectedCount"/> members.</summary>
    public SortedSet(in PackLimits limits, long expectedCount = 1)
    {
        if (expectedCount > limits.MaxEntries) _index = new SortedSetIndex(expectedCount);
        else _pack = SortedSetPack.Create();
    }

    private SortedSet(SortedSetPack pack, SortedSetIndex? index) => (_pack, _index) = (pack, index);

    public override KeyType Type => KeyType.SortedSet;

    public override long Count => _index?.Count ?? _pack.Count;

    public override string EncodingName => _index == null ? "listpack" : "skiplist";

    public override long NativeBytes => _index?.NativeBytes ?? _pack.Pack.CapacityBytes;

    public override long FreeEffort => _index == null ? 1 : _index.Count;

    /// <summary>The listpack of a small set, which stays the set's; null-like where the set is big. For RDB and DUMP.</summary>
    public ListPack Pack => _pack.Pack;

    /// <summary>True while the set is a listpack.</summary>
    public bool IsPacked => _index == null;

    /// <summary>The members of a big set, for scans.</summary>
    public FieldTable Table => _index!.Table;

    internal SortedSetIndex? Index => _index;

    /// <summary>A set of the nodes of <paramref name="table"/>, whose values are scores; it takes the table over.</summary>
    internal static SortedSet Of(FieldTable table) => new(default, new SortedSetIndex(table));

    /// <summary>The member, with its score, at an address that a scan of <see cref="Table"/> gave.</summary>
    public static (FieldNode Node, double Score) MemberAt(nint address) =>
        (FieldTable.NodeAt(address), SortedSetMember.Score((byte*)address));

    /// <summary>A copy of the members in a range.</summary>
    public SortedSet CopyRange(RankRange range, in PackLimits limits)
    {
        var copy = new SortedSet(limits, range.Count);
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var reader = Read(range, reverse: false, scratch);
        while (reader.MoveNext()) copy.Add(reader.Member, reader.Score, AddOptions.None, limits, out _);
        return copy;
    }

    public override Collection Clone() => _index == null ? new SortedSet(_pack.Clone(), null) : new SortedSet(default, _index.Clone());

    public override void Free()
    {
        if (_index == null) _pack.Free();
        else _index.Free();
    }

    /// <summary>Adds a member or changes its score, as far as the options allow.</summary>
    /// <param name="member">The member; may not lie in this set.</param>
    /// <param name="score">Its score, or with <see cref="AddOptions.Increment"/> what is added to it; not NaN.</param>
    /// <param name="options">Conditions.</param>
    /// <param name="limits">How far the set stays a listpack.</param>
    /// <param name="newScore">The score that the member has then; undefined where nothing was done.</param>
    public AddResult Add(scoped ReadOnlySpan<byte> member, double score, AddOptions options, in PackLimits limits, out double newScore)
    {
        newScore = score;
        return _index == null ? AddToPack(member, options, limits, ref newScore) : AddToIndex(_index, member, options, ref newScore);
    }

    public bool TryGetScore(scoped ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        if (_index != null)
        {
            var node = _index.Find(member);
            if (node == null) return false;
            score = SortedSetMember.Score(node);
            return true;
        }

        var pos = _pack.Find(member);
        if (pos == 0) return false;
        score = _pack.ScoreAt(pos);
        return true;
    }

    public bool Remove(scoped ReadOnlySpan<byte> member)
    {
        if (_index != null)
        {
            var node = _index.Find(member);
            if (node == null) return false;
            _index.Remove(node);
            return true;
        }

        var pos = _pack.Find(member);
        if (pos == 0) return false;
        _pack.Delete(pos);
        return true;
    }

    /// <summary>Members before this one, or -1 where it is not there.</summary>
    public long RankOf(scoped ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        if (_index != null)
        {
            var node = _index.Find(member);
            if (node == null) return -1;
            score = SortedSetMember.Score(node);
            return _index.RankOf(node);
        }

        var pos = _pack.Find(member);
        if (pos == 0) return -1;
        score = _pack.ScoreAt(pos);
        return _pack.RankAt(pos);
    }

    /// <summary>The members within a range of scores.</summary>
    public RankRange RangeOf(in ScoreRange range) => range.IsEmpty ? default : Between(range.Low, range.High);

    /// <summary>The members within a range of names; means something only where all scores are equal.</summary>
    public RankRange RangeOf(in LexRange range)
    {
        if (range.IsEmpty) return default;
        var start = range.IsOpenBelow ? 0 : CountBefore(range.Low);
        var end = range.IsOpenAbove ? Count : CountBefore(range.High);
        return new RankRange(start, Math.Max(0, end - start));
    }

    /// <summary>Reads the members of a range, which lies within the set, from its first or, in reverse, from its last.</summary>
    /// <param name="range">Ranks from the least member, also in reverse.</param>
    /// <param name="reverse">From the last to the first.</param>
    /// <param name="scratch">Room for <see cref="ListPack.ScratchBytes"/> bytes that members are formatted into.</param>
    public SortedSetReader Read(RankRange range, bool reverse, Span<byte> scratch) => new(this, range, reverse, scratch);

    /// <summary>Removes the members of a range, which lies within the set.</summary>
    public void RemoveRange(RankRange range)
    {
        if (_index == null) _pack.DeleteRange(range);
        else _index.RemoveRange(range);
    }

    /// <summary>Turns a big set that has few and short members into a listpack.</summary>
    public void PackIfSmall(in PackLimits limits)
    {
        if (_index == null || _index.Count > limits.MaxEntries) return;
        var reader = Read(new RankRange(0, Count), reverse: false, default);
        while (reader.MoveNext())
            if (reader.Member.Length > limits.MaxValueBytes) return;

        var pack = SortedSetPack.Create();
        reader = Read(new RankRange(0, Count), reverse: false, default);
        while (reader.MoveNext()) pack.Append(reader.Member, reader.Score);
        _index.Free();
        _index = null;
        _pack = pack;
    }

    private static AddResult AddToIndex(SortedSetIndex index, scoped ReadOnlySpan<byte> member, AddOptions options, ref double score)
    {
        var added = false;
        var node = (options & AddOptions.OnlyExisting) != 0 ? index.Find(member) : index.FindOrAdd(member, out added);
        if (node == null) return AddResult.Refused;
        if (added)
        {
            index.Place(node, score);
            return AddResult.Added;
        }

        var result = Decide(SortedSetMember.Score(node), options, ref score);
        if (result == AddResult.Updated) index.SetScore(node, score);
        return result;
    }

    private AddResult AddToPack(scoped ReadOnlySpan<byte> member, AddOptions options, in PackLimits limits, ref double score)
    {
        var pos = _pack.Find(member);
        if (pos != 0)
        {
            var result = Decide(_pack.ScoreAt(pos), options, ref score);
            if (result == AddResult.Updated) _pack.SetScore(pos, member, score);
            return result;
        }

        if ((options & AddOptions.OnlyExisting) != 0) return AddResult.Refused;
        if (_pack.Count + 1L > limits.MaxEntries || member.Length > limits.MaxValueBytes || !_pack.CanAdd(member.Length))
        {
            Unpack();
            _index!.Add(member, score);
        }
        else
        {
            _pack.Insert(member, score);
        }

        return AddResult.Added;
    }

    // What an addition does to a member that is there.
    private static AddResult Decide(double current, AddOptions options, ref double score)
    {
        if ((options & AddOptions.OnlyNew) != 0) return AddResult.Refused;
        if ((options & AddOptions.Increment) != 0)
        {
            score += current;
            if (double.IsNaN(score)) return AddResult.NotANumber;
        }

        if ((options & AddOptions.OnlyGreater) != 0 && score <= current) return AddResult.Refused;
        if ((options & AddOptions.OnlyLess) != 0 && score >= current) return AddResult.Refused;
        return score == current ? AddResult.Unchanged : AddResult.Updated;
    }

    private long CountBefore<TCut>(TCut cut) where TCut : ICut, allows ref struct =>
        _index == null ? _pack.CountBefore(cut) : _index.Tree.CountBefore(cut);

    private RankRange Between<TCut>(TCut low, TCut high) where TCut : ICut, allows ref struct
    {
        var start = CountBefore(low);
        return new RankRange(start, Math.Max(0, CountBefore(high) - start));
    }

    private void Unpack()
    {
        var index = new SortedSetIndex(_pack.Count + 1);
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var reader = Read(new RankRange(0, _pack.Count), reverse: false, scratch);
        while (reader.MoveNext()) index.Add(reader.Member, reader.Score);
        _pack.Free();
        _pack = default;
        _index = index;
    }
}
