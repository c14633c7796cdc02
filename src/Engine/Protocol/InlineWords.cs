namespace OrleansKv.Engine.Protocol;

/// <summary>Splits a line into words the way redis-cli, inline commands and redis.conf do: blanks separate, quotes join.</summary>
public static class InlineWords
{
    /// <summary>The words of <paramref name="line"/>; null where quotes are not closed, or something follows a closing quote.</summary>
    /// <remarks>Within double quotes \n \r \t \b \a \xHH and \" are escapes; within single quotes only \' is.</remarks>
    public static List<byte[]>? Split(ReadOnlySpan<byte> line)
    {
        var words = new List<byte[]>();
        var at = 0;
        while (true)
        {
            while (at < line.Length && IsBlank(line[at])) at++;
            if (at == line.Length) return words;
            var word = new List<byte>();
            while (at < line.Length && !IsBlank(line[at]))
            {
                if (line[at] is not ((byte)'"' or (byte)'\''))
                {
                    word.Add(line[at++]);
                    continue;
                }

                if (!TryQuoted(line, ref at, word)) return null;
                if (at < line.Length && !IsBlank(line[at])) return null;
            }

            words.Add([.. word]);
        }
    }

    private static bool TryQuoted(ReadOnlySpan<byte> line, ref int at, List<byte> word)
    {
        var quote = line[at++];
        while (at < line.Length)
        {
            var b = line[at++];
            if (b == quote) return true;
            if (b != '\\' || at == line.Length) word.Add(b);
            else if (quote == '\'') word.Add(line[at] == '\'' ? line[at++] : b);
            else word.Add(Unescape(line, ref at));
        }

        return false;
    }

    private static byte Unescape(ReadOnlySpan<byte> line, ref int at)
    {
        var b = line[at++];
        if (b == 'x' && at + 1 < line.Length && char.IsAsciiHexDigit((char)line[at]) && char.IsAsciiHexDigit((char)line[at + 1]))
        {
            at += 2;
            return (byte)((HexDigit(line[at - 2]) << 4) | HexDigit(line[at - 1]));
        }

        return b switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => 7,
            _ => b,
        };
    }

    private static int HexDigit(byte b) => char.IsAsciiDigit((char)b) ? b - '0' : (b | 0x20) - 'a' + 10;

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0b or 0x0c or 0;
}
