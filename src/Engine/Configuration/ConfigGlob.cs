namespace OrleansKv.Engine.Configuration;

/// <summary>Redis's glob patterns (* ? [a-z] [^a] \c) on parameter names, without regard to case.</summary>
internal static class ConfigGlob
{
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '*')
                return IsMatchAfterStar(pattern.TrimStart('*'), name);
            if (name.IsEmpty || !IsMatchOne(ref pattern, name[0]))
                return false;
            name = name[1..];
        }

        return name.IsEmpty;
    }

    private static bool IsMatchAfterStar(ReadOnlySpan<char> rest, ReadOnlySpan<char> name)
    {
        for (int start = 0; start <= name.Length; start++)
        {
            if (IsMatch(rest, name[start..]))
                return true;
        }

        return false;
    }

    /// <summary>Matches one character against the first element of the pattern and moves past that.</summary>
    private static bool IsMatchOne(ref ReadOnlySpan<char> pattern, char c)
    {
        char first = pattern[0];
        pattern = pattern[1..];
        switch (first)
        {
            case '?':
                return true;
            case '[':
                return IsMatchClass(ref pattern, c);
            case '\\' when !pattern.IsEmpty:
                first = pattern[0];
                pattern = pattern[1..];
                break;
        }

        return char.ToLowerInvariant(first) == char.ToLowerInvariant(c);
    }

    private static bool IsMatchClass(ref ReadOnlySpan<char> pattern, char c)
    {
        c = char.ToLowerInvariant(c);
        bool isNegated = pattern.StartsWith('^');
        int position = isNegated ? 1 : 0;
        bool isFound = false;
        while (position < pattern.Length && pattern[position] != ']')
        {
            if (pattern[position] == '\\' && position + 1 < pattern.Length)
                position++;
            char low = char.ToLowerInvariant(pattern[position]);
            char high = low;
            if (position + 2 < pattern.Length && pattern[position + 1] == '-')
            {
                high = char.ToLowerInvariant(pattern[position + 2]);
                position += 2;
            }

            isFound |= (c >= low && c <= high) || (c >= high && c <= low);
            position++;
        }

        pattern = pattern[Math.Min(position + 1, pattern.Length)..];
        return isFound != isNegated;
    }
}
