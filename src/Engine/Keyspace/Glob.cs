namespace OrleansKv.Engine.Keyspace;

/// <summary>Redis's glob patterns: * ? [abc] [^a-z] and \ before a byte that stands for itself.</summary>
public static class Glob
{
    // Stars beyond this many could make a match take exponential time; none match then.
    private const int MaxNesting = 1000;

    /// <summary>Whether all of <paramref name="text"/> matches <paramref name="pattern"/>.</summary>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool ignoreCase = false)
    {
        var skipLonger = false;
        return IsMatch(pattern, text, ignoreCase, ref skipLonger, 0);
    }

    // skipLonger is set once the rest after a star could not match at any place: then no earlier star needs to try further.
    private static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool ignoreCase, ref bool skipLonger, int nesting)
    {
        if (nesting > MaxNesting) return false;
        while (pattern.Length > 0 && text.Length > 0)
        {
            switch (pattern[0])
            {
                case (byte)'*':
                    return IsStarMatch(pattern, text, ignoreCase, ref skipLonger, nesting);
                case (byte)'?':
                    break;
                case (byte)'[':
                    if (!IsClassMatch(ref pattern, text[0], ignoreCase)) return false;
                    break;
                default:
                    if (pattern[0] == '\\' && pattern.Length >= 2) pattern = pattern[1..];
                    if (Fold(pattern[0], ignoreCase) != Fold(text[0], ignoreCase)) return false;
                    break;
            }

            text = text[1..];
            pattern = pattern[1..];
        }

        if (text.Length == 0) pattern = pattern.TrimStart((byte)'*');
        return pattern.Length == 0 && text.Length == 0;
    }

    private static bool IsStarMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool ignoreCase, ref bool skipLonger, int nesting)
    {
        pattern = pattern.TrimStart((byte)'*');
        if (pattern.Length == 0) return true;
        for (; text.Length > 0; text = text[1..])
        {
            if (IsMatch(pattern, text, ignoreCase, ref skipLonger, nesting + 1)) return true;
            if (skipLonger) return false;
        }

        skipLonger = true;
        return false;
    }

    // Matches one byte with the class at the start of the pattern, and leaves the pattern at the class's last byte.
    private static bool IsClassMatch(ref ReadOnlySpan<byte> pattern, byte b, bool ignoreCase)
    {
        pattern = pattern[1..];
        var negated = pattern.Length > 0 && pattern[0] == '^';
        if (negated) pattern = pattern[1..];
        var isMatch = false;
        b = Fold(b, ignoreCase);
        while (true)
        {
            if (pattern.Length >= 2 && pattern[0] == '\\')
            {
                pattern = pattern[1..];
                isMatch |= pattern[0] == b;
            }
            else if (pattern.Length == 0 || pattern[0] == ']')
            {
                break;
            }
            else if (pattern.Length >= 3 && pattern[1] == '-')
            {
                var (low, high) = (Fold(pattern[0], ignoreCase), Fold(pattern[2], ignoreCase));
                if (low > high) (low, high) = (high, low);
                pattern = pattern[2..];
                isMatch |= b >= low && b <= high;
            }
            else
            {
                isMatch |= Fold(pattern[0], ignoreCase) == b;
            }

            pattern = pattern[1..];
        }

        // A class that is not closed ends with the pattern; the caller steps over one byte.
        if (pattern.Length == 0) pattern = "]"u8;
        return isMatch != negated;
    }

    private static byte Fold(byte b, bool ignoreCase) => ignoreCase && b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
}
