using System.Globalization;
using System.Text;

namespace OrleansKv.Support;

/// <summary>The reply types of RESP2 and RESP3, one member per first byte; the three nulls are kept apart because Redis does so.</summary>
public enum RespKind
{
    SimpleString,
    Error,
    Integer,
    BulkString,
    NullBulk,
    Array,
    NullArray,
    Null,
    Double,
    Boolean,
    BigNumber,
    Verbatim,
    Map,
    Set,
    Push,
}

/// <summary>
/// A parsed reply. Texts hold bytes one to one (Latin-1), so that binary values survive. A map's items are its keys and values in turn.
/// </summary>
public sealed class RespValue
{
    private static readonly RespValue[] NoItems = [];

    private readonly RespValue[] _items;

    public RespValue(RespKind kind, string text, RespValue[]? items = null)
    {
        Kind = kind;
        Text = text;
        _items = items ?? NoItems;
    }

    public RespKind Kind { get; }

    public string Text { get; }

    public IReadOnlyList<RespValue> Items => _items;

    public bool IsError => Kind == RespKind.Error;

    public bool IsNull => Kind is RespKind.Null or RespKind.NullBulk or RespKind.NullArray;

    public bool IsAggregate => Kind is RespKind.Array or RespKind.Map or RespKind.Set or RespKind.Push;

    public long AsInteger() => long.Parse(Text, CultureInfo.InvariantCulture);

    /// <summary>One line in the manner of redis-cli, with the type wherever it could be mistaken for another.</summary>
    public override string ToString() => Kind switch
    {
        RespKind.SimpleString => Text,
        RespKind.Error => $"(error) {Text}",
        RespKind.Integer => $"(integer) {Text}",
        RespKind.BulkString => Quote(Text),
        RespKind.NullBulk => "(nil)",
        RespKind.NullArray => "(nil array)",
        RespKind.Null => "(null)",
        RespKind.Double => $"(double) {Text}",
        RespKind.Boolean => $"(boolean) {Text}",
        RespKind.BigNumber => $"(big number) {Text}",
        RespKind.Verbatim => $"(verbatim) {Quote(Text)}",
        RespKind.Map => Join("map", "{", "}"),
        RespKind.Set => Join("set", "{", "}"),
        RespKind.Push => Join("push", "[", "]"),
        _ => Join("", "[", "]"),
    };

    /// <summary>Quotes a word as redis-cli does, so that a printed command can be pasted into it.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (c is >= ' ' and < (char)127)
                quoted.Append(c);
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
        }
        return quoted.Append('"').ToString();
    }

    private string Join(string name, string open, string close)
    {
        var parts = new StringBuilder(name).Append(open);
        for (int i = 0; i < _items.Length; i++)
        {
            if (i > 0)
                parts.Append(Kind == RespKind.Map && i % 2 == 1 ? ": " : ", ");
            parts.Append(_items[i]);
        }
        return parts.Append(close).ToString();
    }
}
