using System.Globalization;

namespace OrleansKv.Engine.Protocol;

/// <summary>Doubles as Redis prints and reads them.</summary>
public static class DoubleFormat
{
    /// <summary>Room that every formatted double fits in.</summary>
    public const int MaxBytes = 40;

    /// <summary>Writes <paramref name="value"/> as C's "%.17g" does ("inf", "-inf" and "nan" in words) and gives the length in bytes.</summary>
    public static int Format(double value, Span<byte> room)
    {
        if (double.IsNaN(value)) return Copy("nan"u8, room);
        if (double.IsInfinity(value)) return Copy(value > 0 ? "inf"u8 : "-inf"u8, room);
        if (value == 0) return Copy(double.IsNegative(value) ? "-0"u8 : "0"u8, room);
        if (value == Math.Truncate(value) && Math.Abs(value) < 1e15)
        {
            ((long)value).TryFormat(room, out var whole, default, CultureInfo.InvariantCulture);
            return whole;
        }

        value.TryFormat(room, out var length, "G17", CultureInfo.InvariantCulture);
        var exponent = room[..length].IndexOf((byte)'E');
        if (exponent >= 0) room[exponent] = (byte)'e';
        return length;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> room)
    {
        text.CopyTo(room);
        return text.Length;
    }
}
