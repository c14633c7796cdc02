using System.Buffers.Text;
using System.Diagnostics;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>A set: an intset while all members are integers and few, a listpack while they are few and short, a hash table otherwise.</summary>
/// <remarks>The thresholds are Redis 7.2's. A set goes to a larger encoding and never back, but where a command builds it anew. The part
/// in SetValue.Encodings.cs converts.</remarks>
internal sealed partial class SetValue : Collection
{
    /// <summary>Room that the text of any integer member fits in: what callers give as scratch.</summary>
    public const int ScratchBytes = ListPack.ScratchBytes;

    private SetEncoding _encoding;
    private IntSet _integers;
    private ListPack _pack;
    private FieldTable? _table;

    private SetValue(SetEncoding encoding)
    {
        _encoding = encoding;
        if (encoding == SetEncoding.IntSet) _integers = IntSet.Create();
        else if (encoding == SetEncoding.ListPack) _pack = ListPack.Create();
        else _table = new FieldTable();
    }

    private SetValue(SetValue original)
    {
        _encoding = original._encoding;
        if (_encoding == SetEncoding.IntSet) _integers = original._integers.Clone();
        else if (_encoding == SetEncoding.ListPack) _pack = original._pack.Clone();
        else _table = original._table!.Clone();
    }

    private enum SetEncoding : byte
    {
        IntSet,
        ListPack,
        Table,
    }

    public override KeyType Type => KeyType.Set;

    public override long Count => _encoding switch
    {
        SetEncoding.IntSet => _integers.Count,
        SetEncoding.ListPack => _pack.Count,
        _ => _table!.Count,
    };

    public override string EncodingName => _encoding switch
    {
        SetEncoding.IntSet => "intset",
        SetEncoding.ListPack => "listpack",
        _ => "hashtable",
    };

    public override long NativeBytes => _encoding switch
    {
        SetEncoding.IntSet => _integers.Capacity,
        SetEncoding.ListPack => _pack.CapacityBytes,
        _ => _table!.NativeBytes,
    };

    public override long FreeEffort => _table?.Count ?? 1;

    /// <summary>True where all members are in one sorted block of integers.</summary>
    public bool IsIntSet => _encoding == SetEncoding.IntSet;

    /// <summary>The hash table of a big set, to scan it; null for a compact one.</summary>
    public FieldTable? Table => _table;

    public override Collection Clone() => new SetValue(this);

    public override void Free()
    {
        _integers.Free();
        _pack.Free();
        _table?.Free();
    }

    /// <summary>Whether the set has this member.</summary>
    public bool Contains(scoped ReadOnlySpan<byte> member) => _encoding switch
    {
        SetEncoding.Table => !_table!.Find(member).IsNull,
        SetEncoding.ListPack => _pack.Find(member, _pack.First, 0) != 0,
        _ => NumberText.TryParseInteger(member, out var integer) && _integers.Contains(integer),
    };

    /// <summary>Whether the set has the member that <paramref name="members"/>, of another set, stands at.</summary>
    public bool Contains(scoped in SetMembers members) =>
        _encoding == SetEncoding.IntSet && members.IsInteger ? _integers.Contains(members.Integer) : Contains(members.Current);

    /// <summary>Adds a member; false where it is there already.</summary>
    public bool Add(scoped ReadOnlySpan<byte> member, ServerConfig limits)
    {
        if (_encoding == SetEncoding.Table) return _table!.TryAdd(member);
        if (_encoding == SetEncoding.ListPack) return AddToPack(member, limits);
        if (NumberText.TryParseInteger(member, out var integer)) return AddInteger(integer, limits);
        AddTextToIntegers(member, limits);
        return true;
    }

    /// <summary>Adds the member that <paramref name="members"/>, of another set, stands at; false where it is there already.</summary>
    public bool Add(scoped in SetMembers members, ServerConfig limits) =>
        _encoding == SetEncoding.IntSet && members.IsInteger ? AddInteger(members.Integer, limits) : Add(members.Current, limits);

    /// <summary>Removes a member; false where it is not there.</summary>
    public bool Remove(scoped ReadOnlySpan<byte> member)
    {
        if (_encoding == SetEncoding.Table) return _table!.Remove(member);
        if (_encoding == SetEncoding.IntSet) return NumberText.TryParseInteger(member, out var integer) && _integers.Remove(integer);
        var position = _pack.Find(member, _pack.First, 0);
        if (position == 0) return false;
        _pack.Delete(position);
        return true;
    }

    /// <summary>Removes the member that <paramref name="members"/>, of another set, stands at; false where it is not there.</summary>
    public bool Remove(scoped in SetMembers members) =>
        _encoding == SetEncoding.IntSet && members.IsInteger ? _integers.Remove(members.Integer) : Remove(members.Current);

    /// <summary>Walks all members. Meanwhile the set must neither change nor be searched, which may move members.</summary>
    /// <param name="scratch">Room for <see cref="ScratchBytes"/>.</param>
    public SetMembers Members(Span<byte> scratch) => new(this, scratch);

    /// <summary>Where a member is that every other could have been with the same chance. The set is not empty.</summary>
    public SetPlace PickFairly(Random random)
    {
        Debug.Assert(Count > 0);
        return _encoding switch
        {
            SetEncoding.IntSet => new SetPlace(random.Next(_integers.Count)),
            SetEncoding.ListPack => new SetPlace(_pack.Seek(random.Next(_pack.Count))),
            _ => new SetPlace(_table!.PickFairly(random)),
        };
    }

    /// <summary>The member at a place, valid until the set changes.</summary>
    public ReadOnlySpan<byte> MemberAt(SetPlace place, Span<byte> scratch)
    {
        if (_encoding == SetEncoding.Table) return place.Node.Key;
        if (_encoding == SetEncoding.ListPack) return _pack.Get(place.Position, scratch);
        Utf8Formatter.TryFormat(_integers[place.Position], scratch, out var length);
        return scratch[..length];
    }

    /// <summary>Removes the member at a place.</summary>
    public void RemoveAt(SetPlace place)
    {
        if (_encoding == SetEncoding.Table) _table!.Remove(place.Node);
        else if (_encoding == SetEncoding.ListPack) _pack.Delete(place.Position);
        else _integers.RemoveAt(place.Position);
    }

    private bool AddInteger(long integer, ServerConfig limits)
    {
        if (!_integers.Add(integer)) return false;
        if (_integers.Count > MaxIntegers(limits)) ConvertToTable(_integers.Count);
        return true;
    }

    private bool AddToPack(scoped ReadOnlySpan<byte> member, ServerConfig limits)
    {
        if (_pack.Find(member, _pack.First, 0) != 0) return false;
        var count = _pack.Count;
        if (count < limits.SetMaxListpackEntries && member.Length <= limits.SetMaxListpackValueBytes && _pack.CanAdd(member.Length))
        {
            _pack.Append(member);
            return true;
        }

        ConvertToTable(count + 1L);
        return _table!.TryAdd(member);
    }

    /// <summary>Where a member is, until the set changes.</summary>
    internal readonly struct SetPlace
    {
        public SetPlace(int position) => Position = position;

        public SetPlace(FieldNode node) => Node = node;

        /// <summary>A rank in an intset, an offset in a listpack.</summary>
        public int Position { get; }

        public FieldNode Node { get; }
    }

    /// <summary>A walk over the members of a set.</summary>
    internal ref struct SetMembers
    {
        private readonly SetValue _set;
        private readonly Span<byte> _scratch;
        private FieldTable.FieldNodes _nodes;
        private ReadOnlySpan<byte> _text;
        private int _next;

        internal SetMembers(SetValue set, Span<byte> scratch)
        {
            _set = set;
            _scratch = scratch;
            if (set._encoding == SetEncoding.Table) _nodes = set._table!.Nodes();
            else if (set._encoding == SetEncoding.ListPack) _next = set._pack.First;
        }

        /// <summary>True where the member is known to be an integer without looking at its text.</summary>
        public bool IsInteger { get; private set; }

        /// <summary>The member as an integer, if <see cref="IsInteger"/>.</summary>
        public long Integer { get; private set; }

        /// <summary>The member's text, valid until the next step.</summary>
        public readonly ReadOnlySpan<byte> Current
        {
            get
            {
                if (!IsInteger) return _text;
                Utf8Formatter.TryFormat(Integer, _scratch, out var length);
                return _scratch[..length];
            }
        }

        public bool MoveNext()
        {
            if (_set._encoding == SetEncoding.Table)
            {
                if (!_nodes.MoveNext()) return false;
                _text = _nodes.Current.Key;
                return true;
            }

            return _set._encoding == SetEncoding.ListPack ? MoveNextInPack() : MoveNextInteger();
        }

        private bool MoveNextInteger()
        {
            if (_next >= _set._integers.Count) return false;
            IsInteger = true;
            Integer = _set._integers[_next++];
            return true;
        }

        private bool MoveNextInPack()
        {
            if (_next == 0) return false;
            IsInteger = _set._pack.TryGetInteger(_next, out var integer);
            Integer = integer;
            if (!IsInteger) _text = _set._pack.Get(_next, _scratch);
            _next = _set._pack.Next(_next);
            return true;
        }
    }
}
