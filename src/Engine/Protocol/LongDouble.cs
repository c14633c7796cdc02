using System.Globalization;
using System.Numerics;
using System.Text;

namespace OrleansKv.Engine.Protocol;

/// <summary>
/// C's long double as INCRBYFLOAT and HINCRBYFLOAT use it on x86: 64 bits of precision, so that sums read as Redis prints them
/// (0.1 + 0.2 is 0.3).
/// </summary>
/// <remarks>Format: the x87 80-bit extended format. Computed with big integers, exactly, and then rounded to nearest, ties to even.</remarks>
public readonly struct LongDouble
{
    private const int PrecisionBits = 64;
    private const int MaxExponent = 16384;
    private const int MinExponent = -16445;
    private const int MaxDecimalExponent = 5000;
    private const int FractionDigits = 17;

    // Longer text is no number for Redis, whose buffer it does not fit in; big integers of any length would take seconds to read.
    private const int MaxTextBytes = (5 * 1024) - 1;

    private readonly BigInteger _mantissa;
    private readonly int _exponent;

    private LongDouble(BigInteger mantissa, int exponent, bool isInfinity = false)
    {
        _mantissa = mantissa;
        _exponent = exponent;
        IsInfinity = isInfinity;
    }

    /// <summary>True for "inf", and for what is too large.</summary>
    public bool IsInfinity { get; }

    /// <summary>Reads the forms that C's strtold and Redis accept; too large, too small, too long and "nan" are refused, "inf" is not.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out LongDouble value)
    {
        value = default;
        if (text.Length > MaxTextBytes) return false;
        var isDouble = NumberText.TryParseDouble(text, out var approximate);
        if (!isDouble && !IsBeyondDouble(text)) return false;
        if (isDouble && double.IsInfinity(approximate))
        {
            value = new LongDouble(approximate > 0 ? 1 : -1, 0, isInfinity: true);
            return true;
        }

        var isHexadecimal = text.IndexOfAny((byte)'x', (byte)'X') >= 0;
        if (isHexadecimal) value = Round(new BigInteger(approximate), 0);
        else if (!TryParseDecimal(text, out value)) return false;
        return !value.IsInfinity;
    }

    public static LongDouble operator +(LongDouble left, LongDouble right)
    {
        if (left.IsInfinity) return left;
        if (right.IsInfinity) return right;
        var exponent = Math.Min(left._exponent, right._exponent);
        return Round((left._mantissa << (left._exponent - exponent)) + (right._mantissa << (right._exponent - exponent)), exponent);
    }

    /// <summary>The text that Redis stores and replies: C's "%.17Lf" without trailing zeros.</summary>
    public byte[] ToText()
    {
        var magnitude = BigInteger.Abs(_mantissa) * BigInteger.Pow(10, FractionDigits);
        var scaled = _exponent >= 0 ? magnitude << _exponent : ShiftRight(magnitude, -_exponent);
        var digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(FractionDigits + 1, '0');
        var whole = digits[..^FractionDigits];
        var fraction = digits[^FractionDigits..].TrimEnd('0');
        var sign = _mantissa.Sign < 0 && !scaled.IsZero ? "-" : "";
        return Encoding.ASCII.GetBytes(fraction.Length > 0 ? $"{sign}{whole}.{fraction}" : sign + whole);
    }

    // A number in decimal digits whose exponent a double lacks.
    private static bool IsBeyondDouble(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && (char.IsAsciiDigit((char)text[^1]) || text[^1] == '.') && text[0] is not ((byte)' ' or (byte)'\t')
        && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out _);

    // Sign, digits with at most one point, exponent: the form was checked before.
    private static bool TryParseDecimal(ReadOnlySpan<byte> text, out LongDouble value)
    {
        value = default;
        long exponent = 0;
        var mark = text.IndexOfAny((byte)'e', (byte)'E');
        if (mark >= 0)
        {
            var digits = text[(mark + 1)..];
            if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
                exponent = digits[0] == '-' ? long.MinValue / 2 : long.MaxValue / 2;
            text = text[..mark];
        }

        var point = text.IndexOf((byte)'.');
        if (point >= 0) exponent -= text.Length - point - 1;
        var mantissa = BigInteger.Parse(Encoding.ASCII.GetString(text).Replace(".", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (mantissa.IsZero) return true;
        if (Math.Abs(exponent) > MaxDecimalExponent + text.Length) return false;
        value = Scale(mantissa, (int)exponent);
        return !value._mantissa.IsZero;
    }

    // mantissa times a power of ten, rounded once.
    private static LongDouble Scale(BigInteger mantissa, int decimalExponent)
    {
        if (decimalExponent >= 0) return Round(mantissa * BigInteger.Pow(10, decimalExponent), 0);
        var divisor = BigInteger.Pow(10, -decimalExponent);
        var shift = (int)Math.Max(0, PrecisionBits + 2 + (long)divisor.GetBitLength() - (long)BigInteger.Abs(mantissa).GetBitLength());
        var quotient = BigInteger.DivRem(BigInteger.Abs(mantissa) << shift, divisor, out var rest);

        // One more bit says whether anything is left, so that a tie is told from what only looks like one.
        quotient = (quotient << 1) | (rest.IsZero ? 0 : 1);
        return Round(quotient * mantissa.Sign, -shift - 1);
    }

    private static LongDouble Round(BigInteger mantissa, int exponent)
    {
        if (mantissa.IsZero) return default;
        var magnitude = BigInteger.Abs(mantissa);
        var shift = (int)Math.Max((long)magnitude.GetBitLength() - PrecisionBits, MinExponent - (long)exponent);
        if (shift > 0)
        {
            magnitude = ShiftRight(magnitude, shift);
            exponent += shift;
        }

        var isTooLarge = magnitude.GetBitLength() + exponent > MaxExponent;
        return isTooLarge ? new LongDouble(mantissa.Sign, 0, isInfinity: true) : new LongDouble(magnitude * mantissa.Sign, exponent);
    }

    // Divides by a power of two, to nearest, ties to even.
    private static BigInteger ShiftRight(BigInteger magnitude, int bits)
    {
        var quotient = magnitude >> bits;
        var rest = magnitude - (quotient << bits);
        var order = rest.CompareTo(BigInteger.One << (bits - 1));
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
