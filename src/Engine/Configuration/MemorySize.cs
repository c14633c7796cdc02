using System.Globalization;

namespace OrleansKv.Engine.Configuration;

/// <summary>Amounts of memory as redis.conf writes them: digits and a unit, 1k = 1000 and 1kb = 1024, without regard to case.</summary>
public static class MemorySize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("", 1), ("b", 1), ("k", 1000), ("kb", 1L << 10), ("m", 1_000_000), ("mb", 1L << 20), ("g", 1_000_000_000), ("gb", 1L << 30),
    ];

    /// <summary>Parses an amount; false if it is malformed, negative or over <see cref="long.MaxValue"/> bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (digits == 0 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            return false;

        foreach ((string unit, long unitBytes) in Units)
        {
            if (!text[digits..].Equals(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            if (count > long.MaxValue / unitBytes)
                return false;
            bytes = count * unitBytes;
            return true;
        }

        return false;
    }

    /// <summary>The shortest exact form with the binary units, as CONFIG REWRITE writes it.</summary>
    public static string Format(long bytes)
    {
        (string unit, int shift) = bytes switch
        {
            0 => ("", 0),
            _ when (bytes & ((1L << 30) - 1)) == 0 => ("gb", 30),
            _ when (bytes & ((1L << 20) - 1)) == 0 => ("mb", 20),
            _ when (bytes & ((1L << 10) - 1)) == 0 => ("kb", 10),
            _ => ("", 0),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> shift}{unit}");
    }
}
