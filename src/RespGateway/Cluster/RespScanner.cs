using System.Buffers.Text;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Finds where replies end in RESP2 or RESP3 bytes, and what the outermost ones say.</summary>
/// <remarks>Format: the Redis serialization protocol specification. The bytes come from a silo; what is malformed throws.</remarks>
internal static class RespScanner
{
    /// <summary>The bytes of the reply at the start.</summary>
    /// <exception cref="FormatException">There is no whole reply.</exception>
    public static int LengthOf(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        for (long left = 1; left > 0; left--)
        {
            var type = TypeAt(bytes, at);
            var line = LineAt(bytes, at, out var next);
            switch (type)
            {
                case '+' or '-' or ':' or '_' or ',' or '#' or '(':
                    break;
                case '$' or '=' or '!':
                    var length = NumberOf(line);
                    if (length >= 0) next = checked((int)(next + length + 2));
                    break;
                case '*' or '~' or '>':
                    left += Math.Max(0, NumberOf(line));
                    break;
                case '%':
                    left += 2 * NumberOf(line);
                    break;
                case '|':
                    // An attribute comes before the reply that it belongs to.
                    left += (2 * NumberOf(line)) + 1;
                    break;
                default:
                    throw Malformed();
            }

            if (next > bytes.Length) throw Malformed();
            at = next;
        }

        return at;
    }

    /// <summary>The number of an integer reply; null of another.</summary>
    public static long? IntegerOf(ReadOnlySpan<byte> reply) => TypeAt(reply, 0) == ':' ? NumberOf(LineAt(reply, 0, out _)) : null;

    /// <summary>Elements of an array reply, and where the first one begins; null of another reply or of a null.</summary>
    public static int? CountOf(ReadOnlySpan<byte> reply, out int first)
    {
        first = 0;
        if (TypeAt(reply, 0) != '*') return null;
        var count = NumberOf(LineAt(reply, 0, out first));
        return count < 0 ? null : (int)count;
    }

    private static char TypeAt(ReadOnlySpan<byte> bytes, int at) => at < bytes.Length ? (char)bytes[at] : throw Malformed();

    // The line that begins at a type byte, without that and without its end.
    private static ReadOnlySpan<byte> LineAt(ReadOnlySpan<byte> bytes, int at, out int next)
    {
        var length = bytes[at..].IndexOf("\r\n"u8);
        if (length < 0) throw Malformed();
        next = at + length + 2;
        return bytes.Slice(at + 1, length - 1);
    }

    private static long NumberOf(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line, out long number, out var used) && used == line.Length ? number : throw Malformed();

    private static FormatException Malformed() => new("A silo's replies are malformed.");
}
