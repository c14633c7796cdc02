using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>Facts about string values.</summary>
public static class StringValue
{
    /// <summary>Longest value that OBJECT ENCODING calls embstr, in bytes.</summary>
    public const int MaxEmbStrBytes = 44;

    /// <summary>Integers from 0 up to this are one shared object each in Redis, which OBJECT REFCOUNT shows.</summary>
    public const int SharedIntegers = 10_000;

    /// <summary>The encoding of a value that is set as a whole.</summary>
    public static StringEncoding EncodingOf(ReadOnlySpan<byte> value)
    {
        if (value.Length <= NumberText.MaxIntegerBytes && NumberText.TryParseInteger(value, out _)) return StringEncoding.Int;
        return value.Length <= MaxEmbStrBytes ? StringEncoding.EmbStr : StringEncoding.Raw;
    }

    /// <summary>The name that OBJECT ENCODING gives.</summary>
    public static string NameOf(StringEncoding encoding) => encoding switch
    {
        StringEncoding.Int => "int",
        StringEncoding.EmbStr => "embstr",
        _ => "raw",
    };

    /// <summary>
    /// The length of a string that <paramref name="added"/> bytes end at or behind <paramref name="offset"/>. False, with the error written,
    /// where it is above <paramref name="limitBytes"/>, or above what fits one block.
    /// </summary>
    public static bool TryLength(long offset, int added, long limitBytes, ref ReplyWriter reply, out int length)
    {
        var limit = Math.Min(limitBytes, Array.MaxLength);
        length = 0;
        if (added > limit || offset > limit - added)
        {
            reply.Error(ErrorText.StringTooLong);
            return false;
        }

        length = (int)offset + added;
        return true;
    }
}
