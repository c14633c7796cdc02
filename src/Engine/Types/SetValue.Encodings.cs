using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>Which encoding a set takes, and the way from one to the next.</summary>
internal sealed partial class SetValue
{
    // Redis's bound on an intset, whatever the configuration says.
    private const int IntSetLimit = 1 << 30;

    /// <summary>An empty set that suits <paramref name="first"/> and about <paramref name="sizeHint"/> members.</summary>
    public static SetValue CreateFor(ReadOnlySpan<byte> first, long sizeHint, ServerConfig limits)
    {
        if (sizeHint <= limits.SetMaxIntsetEntries && NumberText.TryParseInteger(first, out _)) return CreateIntSet();
        if (sizeHint <= limits.SetMaxListpackEntries) return CreateListPack();
        var set = new SetValue(SetEncoding.Table);
        set._table!.Reserve(sizeHint);
        return set;
    }

    /// <summary>An empty set that stays an intset while only integers are added.</summary>
    public static SetValue CreateIntSet() => new(SetEncoding.IntSet);

    /// <summary>An empty set that starts as a listpack.</summary>
    public static SetValue CreateListPack() => new(SetEncoding.ListPack);

    /// <summary>Converts at once where <paramref name="sizeHint"/> members, about to be added, are too many for the present encoding.</summary>
    public void PrepareFor(long sizeHint, ServerConfig limits)
    {
        if ((_encoding == SetEncoding.ListPack && sizeHint > limits.SetMaxListpackEntries)
            || (_encoding == SetEncoding.IntSet && sizeHint > limits.SetMaxIntsetEntries))
            ConvertToTable(sizeHint);
    }

    /// <summary>Makes an intset of a set whose members are all integers, where they are few enough for one.</summary>
    public void CompactIntegers(ServerConfig limits)
    {
        if (_encoding == SetEncoding.IntSet || Count > MaxIntegers(limits)) return;
        var integers = IntSet.Create();
        Span<byte> scratch = stackalloc byte[ScratchBytes];
        var members = Members(scratch);
        while (members.MoveNext())
        {
            if (members.IsInteger) integers.Add(members.Integer);
            else if (NumberText.TryParseInteger(members.Current, out var integer)) integers.Add(integer);
        }

        Free();
        _pack = default;
        _table = null;
        _integers = integers;
        _encoding = SetEncoding.IntSet;
    }

    /// <summary>Keeps <paramref name="count"/> random members and gives all others as a set for the caller to free. As quick as the
    /// members kept are few.</summary>
    public SetValue TakeAllBut(long count, Random random, ServerConfig limits)
    {
        var other = _encoding == SetEncoding.IntSet ? CreateIntSet() : CreateListPack();
        Span<byte> scratch = stackalloc byte[ScratchBytes];
        for (; count > 0; count--)
        {
            var place = PickFairly(random);
            other.Add(MemberAt(place, scratch), limits);
            RemoveAt(place);
        }

        (_encoding, other._encoding) = (other._encoding, _encoding);
        (_integers, other._integers) = (other._integers, _integers);
        (_pack, other._pack) = (other._pack, _pack);
        (_table, other._table) = (other._table, _table);
        return other;
    }

    private static long MaxIntegers(ServerConfig limits) => Math.Min(limits.SetMaxIntsetEntries, IntSetLimit);

    // Adds what is no integer to an intset, which becomes a listpack where that is small enough.
    private void AddTextToIntegers(scoped ReadOnlySpan<byte> member, ServerConfig limits)
    {
        var count = _integers.Count;
        if (count >= limits.SetMaxListpackEntries || member.Length > limits.SetMaxListpackValueBytes
            || (count > 0 && Math.Max(DigitsOf(_integers[0]), DigitsOf(_integers[count - 1])) > limits.SetMaxListpackValueBytes))
        {
            ConvertToTable(count + 1L);
            _table!.TryAdd(member);
            return;
        }

        var pack = ListPack.Create();
        for (var i = 0; i < count; i++) pack.AppendInteger(_integers[i]);
        pack.Append(member);
        _integers.Free();
        _pack = pack;
        _encoding = SetEncoding.ListPack;
    }

    private void ConvertToTable(long sizeHint)
    {
        var table = new FieldTable();
        table.Reserve(sizeHint);
        Span<byte> scratch = stackalloc byte[ScratchBytes];
        var members = Members(scratch);
        while (members.MoveNext()) table.TryAdd(members.Current);
        Free();
        _table = table;
        _encoding = SetEncoding.Table;
    }

    private static int DigitsOf(long integer)
    {
        Span<byte> digits = stackalloc byte[ScratchBytes];
        System.Buffers.Text.Utf8Formatter.TryFormat(integer, digits, out var length);
        return length;
    }
}
