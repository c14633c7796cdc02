using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>Facts about string values.</summary>
public static class StringValue
{
    /// <summary>Longest value that OBJECT ENCODING calls embstr, in bytes.</summary>
    public const int MaxEmbStrBytes = 44;

    /// <summary>The encoding of a value that is set as a whole.</summary>
    public static StringEncoding EncodingOf(ReadOnlySpan<byte> value)
    {
        if (value.Length <= NumberText.MaxIntegerBytes && NumberText.TryParseInteger(value, out _)) return StringEncoding.Int;
        return value.Length <= MaxEmbStrBytes ? StringEncoding.EmbStr : StringEncoding.Raw;
    }
}
