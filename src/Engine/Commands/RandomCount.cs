using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>The count of SRANDMEMBER, HRANDFIELD and ZRANDMEMBER: different elements, or where it is negative as many as it says with
/// repetitions.</summary>
internal static class RandomCount
{
    /// <summary>Elements are drawn one by one only where there are this many times as many as are wanted; else all are walked.</summary>
    public const int SparseFactor = 3;

    private static ReadOnlySpan<byte> OutOfRange =>
        "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"u8;

    /// <summary>Reads the count.</summary>
    public static long Read(ref ArgumentReader reader)
    {
        var count = reader.NextInteger();
        if (!reader.Failed && count == long.MinValue) reader.Fail(OutOfRange);
        return reader.Failed ? 0 : count;
    }

    /// <summary>How many elements of <paramref name="size"/> the reply has; false after an error where no reply could hold them.</summary>
    public static bool TryLimit(long count, long size, ref ReplyWriter reply, out int length)
    {
        var wanted = count < 0 ? -count : Math.Min(count, size);
        length = (int)Math.Min(wanted, int.MaxValue / 2);
        if (length == wanted) return true;
        reply.Error("ERR value is out of range"u8);
        return false;
    }
}
