namespace OrleansKv.Engine.Types;

/// <summary>Walks over members of a sorted set. The set must not change meanwhile.</summary>
public ref struct SortedSetReader
{
    private readonly ListPack _pack;
    private readonly Span<byte> _scratch;
    private readonly bool _isReverse;
    private int _pos;
    private TreePosition _position;
    private long _left;
    private bool _isAtStart = true;

    internal SortedSetReader(SortedSet set, RankRange range, bool reverse, Span<byte> scratch)
    {
        _scratch = scratch;
        _isReverse = reverse;
        _left = range.Count;
        if (range.Count == 0) return;
        var first = reverse ? range.Start + range.Count - 1 : range.Start;
        if (set.Index != null)
        {
            _position = set.Index.Tree.At(first);
        }
        else
        {
            _pack = set.Pack;
            _pos = _pack.Seek(first * 2);
        }
    }

    /// <summary>The member; valid until the next move.</summary>
    public readonly unsafe ReadOnlySpan<byte> Member =>
        _pack.IsNull ? SortedSetMember.Name(_position.Node) : _pack.Get(_pos, _scratch);

    public readonly double Score => _pack.IsNull ? _position.Score : SortedSetPack.ReadScore(_pack, _pack.Next(_pos));

    /// <summary>Moves to the next member, at first to the first; false at the end.</summary>
    public bool MoveNext()
    {
        if (_left == 0) return false;
        _left--;
        if (_isAtStart) _isAtStart = false;
        else if (!_pack.IsNull) _pos = _isReverse ? _pack.Previous(_pack.Previous(_pos)) : _pack.Next(_pack.Next(_pos));
        else if (_isReverse) _position.Previous();
        else _position.Next();
        return true;
    }
}
