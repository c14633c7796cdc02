namespace OrleansKv.Engine.Configuration;

/// <summary>Redis's glob patterns (* ? [a-z] [^a] \c) on names of parameters and files.</summary>
internal static class ConfigGlob
{
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, bool ignoreCase)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '*')
                return IsMatchAfterStar(pattern.TrimStart('*'), name, ignoreCase);
            if (name.IsEmpty || !IsMatchOne(ref pattern, name[0], ignoreCase))
                return false;
            name = name[1..];
        }

        return name.IsEmpty;
    }

    private static bool IsMatchAfterStar(ReadOnlySpan<char> rest, ReadOnlySpan<char> name, bool ignoreCase)
    {
        for (int start = 0; start <= name.Length; start++)
        {
            if (IsMatch(rest, name[start..], ignoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Matches one character against the first element of the pattern and moves past that.</summary>
    private static bool IsMatchOne(ref ReadOnlySpan<char> pattern, char c, bool ignoreCase)
    {
        char first = pattern[0];
        pattern = pattern[1..];
        switch (first)
        {
            case '?':
                return true;
            case '[':
                return IsMatchClass(ref pattern, c, ignoreCase);
            case '\\' when !pattern.IsEmpty:
                first = pattern[0];
                pattern = pattern[1..];
                break;
        }

        return Fold(first, ignoreCase) == Fold(c, ignoreCase);
    }

    private static bool IsMatchClass(ref ReadOnlySpan<char> pattern, char c, bool ignoreCase)
    {
        c = Fold(c, ignoreCase);
        bool isNegated = pattern.StartsWith('^');
        int position = isNegated ? 1 : 0;
        bool isFound = false;
        while (position < pattern.Length && pattern[position] != ']')
        {
            if (pattern[position] == '\\' && position + 1 < pattern.Length)
                position++;
            char low = Fold(pattern[position], ignoreCase);
            char high = low;
            if (position + 2 < pattern.Length && pattern[position + 1] == '-')
            {
                high = Fold(pattern[position + 2], ignoreCase);
                position += 2;
            }

            isFound |= (c >= low && c <= high) || (c >= high && c <= low);
            position++;
        }

        pattern = pattern[Math.Min(position + 1, pattern.Length)..];
        return isFound != isNegated;
    }

    private static char Fold(char c, bool ignoreCase) => ignoreCase ? char.ToLowerInvariant(c) : c;
}
