using System.Globalization;
using System.Text;

namespace OrleansKv.Engine.Protocol;

/// <summary>Numbers as Redis reads them from arguments and values.</summary>
public static class NumberText
{
    /// <summary>Digits and sign of the longest 64-bit integer.</summary>
    public const int MaxIntegerBytes = 20;

    /// <summary>
    /// Reads a 64-bit integer in its one canonical form: no sign but '-', no leading zeros or blanks.
    /// </summary>
    public static bool TryParseInteger(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if ((uint)(text.Length - 1) >= MaxIntegerBytes) return false;
        var negative = text[0] == '-';
        var at = negative ? 1 : 0;
        if (at == text.Length) return false;
        uint first = (uint)text[at] - '0';
        if (first == 0) return text.Length == 1;
        if (first > 9) return false;
        ulong magnitude = first;
        for (at++; at < text.Length; at++)
        {
            uint digit = (uint)text[at] - '0';
            if (digit > 9) return false;
            if (magnitude > ulong.MaxValue / 10) return false;
            magnitude *= 10;
            if (magnitude > ulong.MaxValue - digit) return false;
            magnitude += digit;
        }

        if (negative)
        {
            if (magnitude > (ulong)long.MaxValue + 1) return false;
            value = unchecked(-(long)magnitude);
            return true;
        }

        if (magnitude > long.MaxValue) return false;
        value = (long)magnitude;
        return true;
    }

    /// <summary>
    /// Reads a double as Redis reads scores and increments: as <see cref="TryParseAnyDouble"/> does, but what is too big or, without being
    /// zero, too small for a double is refused.
    /// </summary>
    public static bool TryParseDouble(ReadOnlySpan<byte> text, out double value)
    {
        if (text.Length <= 15 && TryParseInteger(text, out var whole))
        {
            value = whole;
            return true;
        }

        if (!TryParseAnyDouble(text, out value)) return false;
        if (double.IsInfinity(value)) return (text[^1] | 0x20) is 'f' or 'y';
        return value != 0 || !HasNonZeroDigit(text);
    }

    /// <summary>Reads a double as C's strtod does for the forms that Redis accepts: decimal, exponent, hexadecimal integers, "inf", "infinity".
    /// "nan" is refused; what is too big is infinite, what is too small zero.</summary>
    public static bool TryParseAnyDouble(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (text.Length == 0 || text[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') return false;
        var body = text[0] is (byte)'+' or (byte)'-' ? text[1..] : text;
        if (body.Length == 0) return false;
        if (Ascii.EqualsIgnoreCase(body, "inf"u8) || Ascii.EqualsIgnoreCase(body, "infinity"u8))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (body.Length > 2 && body[0] == '0' && (body[1] | 0x20) == 'x') return TryParseHex(body[2..], text[0] == '-', out value);
        if (!(char.IsAsciiDigit((char)body[0]) || body[0] == '.')) return false;
        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out value);
    }

    private static bool HasNonZeroDigit(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if ((b | 0x20) == 'e') return false;
            if (b is >= (byte)'1' and <= (byte)'9') return true;
        }

        return false;
    }

    // strtod reads hexadecimal integers too; fractions and binary exponents are left out, no client writes them.
    private static bool TryParseHex(ReadOnlySpan<byte> digits, bool negative, out double value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit)) return false;
            value = (value * 16) + Convert.ToInt32(((char)digit).ToString(), 16);
        }

        if (negative) value = -value;
        return true;
    }
}
