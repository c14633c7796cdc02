using System.Diagnostics;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>A hash: fields and values in turn in a listpack while they are few and short, a hash table otherwise.</summary>
/// <remarks>A hash goes to the hash table and never back.</remarks>
internal sealed class HashValue : Collection
{
    /// <summary>Room that the text of any integer value fits in: what callers give as scratch.</summary>
    public const int ScratchBytes = ListPack.ScratchBytes;

    private ListPack _pack = ListPack.Create();
    private FieldTable? _table;

    public override KeyType Type => KeyType.Hash;

    public override long Count => _table?.Count ?? _pack.Count / 2;

    public override string EncodingName => _table == null ? "listpack" : "hashtable";

    public override long NativeBytes => _table?.NativeBytes ?? _pack.CapacityBytes;

    public override long FreeEffort => _table?.Count ?? 1;

    /// <summary>The hash table of a big hash, to scan it; null for a compact one.</summary>
    public FieldTable? Table => _table;

    public override Collection Clone()
    {
        var copy = new HashValue();
        copy.Free();
        if (_table == null) copy._pack = _pack.Clone();
        else copy._table = _table.Clone();
        return copy;
    }

    public override void Free()
    {
        _pack.Free();
        _table?.Free();
    }

    /// <summary>Converts at once where the fields and values from argument <paramref name="at"/> on are too many or too long for a listpack.</summary>
    public void PrepareFor(ArgumentList args, int at, ServerConfig limits)
    {
        if (_table != null) return;
        var fields = (args.Count - at) / 2;
        if (fields > limits.HashMaxListpackEntries)
        {
            ConvertToTable(fields);
            return;
        }

        long sum = 0;
        for (; at < args.Count; at++)
        {
            var length = args[at].Length;
            sum += length;
            if (length <= limits.HashMaxListpackValueBytes && _pack.CanAdd(sum)) continue;
            ConvertToTable(Count + fields);
            return;
        }
    }

    /// <summary>Sets a field; true where it is new.</summary>
    public bool Set(scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value, ServerConfig limits)
    {
        if (_table != null) return _table.Set(field, value);
        var isTooLong = Math.Max(field.Length, value.Length) > limits.HashMaxListpackValueBytes;
        if (isTooLong || !_pack.CanAdd((long)field.Length + value.Length))
        {
            ConvertToTable(Count + 1);
            return _table!.Set(field, value);
        }

        var position = _pack.Find(field, _pack.First, 1);
        if (position != 0)
        {
            _pack.Replace(_pack.Next(position), value);
            return false;
        }

        _pack.Append(field);
        _pack.Append(value);
        if (Count > limits.HashMaxListpackEntries) ConvertToTable(Count);
        return true;
    }

    /// <summary>Whether the hash has this field.</summary>
    public bool Contains(scoped ReadOnlySpan<byte> field) =>
        _table != null ? !_table.Find(field).IsNull : _pack.Find(field, _pack.First, 1) != 0;

    /// <summary>Finds a field's value, valid until the hash changes; false where there is no such field.</summary>
    /// <param name="field">The field.</param>
    /// <param name="scratch">Room for <see cref="ScratchBytes"/>.</param>
    /// <param name="value">The value.</param>
    public bool TryGet(scoped ReadOnlySpan<byte> field, Span<byte> scratch, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (_table != null)
        {
            var node = _table.Find(field);
            if (node.IsNull) return false;
            value = node.Value;
            return true;
        }

        var position = _pack.Find(field, _pack.First, 1);
        if (position == 0) return false;
        value = _pack.Get(_pack.Next(position), scratch);
        return true;
    }

    /// <summary>Removes a field; false where it is not there.</summary>
    public bool Remove(scoped ReadOnlySpan<byte> field)
    {
        if (_table != null) return _table.Remove(field);
        var position = _pack.Find(field, _pack.First, 1);
        if (position == 0) return false;
        _pack.Delete(position, 2);
        return true;
    }

    /// <summary>Walks all fields. Meanwhile the hash must neither change nor be searched, which may move fields.</summary>
    /// <param name="scratch">Room for twice <see cref="ScratchBytes"/>.</param>
    public HashFields Fields(Span<byte> scratch) => new(this, scratch);

    /// <summary>A walk that stands at one field, which every other could have been with the same chance. The hash is not empty.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="scratch">Room for twice <see cref="ScratchBytes"/>.</param>
    public HashFields PickFairly(Random random, Span<byte> scratch)
    {
        Debug.Assert(Count > 0);
        return _table != null
            ? new HashFields(_table.PickFairly(random))
            : new HashFields(this, scratch, _pack.Seek(2L * random.Next((int)Count)));
    }

    private void ConvertToTable(long sizeHint)
    {
        var table = new FieldTable();
        table.Reserve(sizeHint);
        Span<byte> scratch = stackalloc byte[2 * ScratchBytes];
        for (var fields = Fields(scratch); fields.MoveNext();) table.Set(fields.Field, fields.Value);
        _pack.Free();
        _table = table;
    }

    /// <summary>A walk over the fields of a hash.</summary>
    internal ref struct HashFields
    {
        private readonly HashValue? _compact;
        private readonly Span<byte> _scratch;
        private FieldTable.FieldNodes _nodes;
        private int _next;

        internal HashFields(HashValue hash, Span<byte> scratch)
        {
            if (hash._table != null)
            {
                _nodes = hash._table.Nodes();
                return;
            }

            _compact = hash;
            _scratch = scratch;
            _next = hash._pack.First;
        }

        internal HashFields(HashValue compact, Span<byte> scratch, int position)
        {
            _compact = compact;
            _scratch = scratch;
            _next = position;
            MoveNextInPack();
        }

        internal HashFields(FieldNode node) => Stand(node);

        /// <summary>The field, valid until the next step.</summary>
        public ReadOnlySpan<byte> Field { get; private set; }

        /// <summary>Its value, valid until the next step.</summary>
        public ReadOnlySpan<byte> Value { get; private set; }

        /// <summary>The node of a field of a big hash: what tells it apart.</summary>
        public FieldNode Node { get; private set; }

        public bool MoveNext()
        {
            if (_compact != null) return MoveNextInPack();
            if (!_nodes.MoveNext()) return false;
            Stand(_nodes.Current);
            return true;
        }

        private void Stand(FieldNode node)
        {
            Node = node;
            Field = node.Key;
            Value = node.Value;
        }

        private bool MoveNextInPack()
        {
            if (_next == 0) return false;
            ref readonly var pack = ref _compact!._pack;
            Field = pack.Get(_next, _scratch[..ScratchBytes]);
            var value = pack.Next(_next);
            Value = pack.Get(value, _scratch[ScratchBytes..]);
            _next = pack.Next(value);
            return true;
        }
    }
}
