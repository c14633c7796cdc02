using System.Globalization;

namespace OrleansKv.Engine.Configuration;

/// <summary>yes or no.</summary>
internal sealed class BoolParameter(string name, Func<ServerConfig, bool> get, Action<ServerConfig, bool> set) : ConfigParameter(name)
{
    public override string Values => "yes, no";

    public override string Print(ServerConfig config) => get(config) ? "yes" : "no";

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        bool isYes = arguments[0].Equals("yes", StringComparison.OrdinalIgnoreCase);
        if (!isYes && !arguments[0].Equals("no", StringComparison.OrdinalIgnoreCase))
        {
            error = "argument must be 'yes' or 'no'";
            return false;
        }

        error = null;
        set(config, isYes);
        return true;
    }
}

/// <summary>One of some names, without regard to case.</summary>
internal sealed class EnumParameter<T>(
    string name, (string Name, T Value)[] values, Func<ServerConfig, T> get, Action<ServerConfig, T> set) : ConfigParameter(name)
    where T : struct, Enum
{
    public override string Values => string.Join(", ", values.Select(value => value.Name));

    public override string Print(ServerConfig config)
    {
        T current = get(config);
        return Array.Find(values, value => EqualityComparer<T>.Default.Equals(value.Value, current)).Name;
    }

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        foreach ((string valueName, T value) in values)
        {
            if (!valueName.Equals(arguments[0], StringComparison.OrdinalIgnoreCase))
                continue;
            error = null;
            set(config, value);
            return true;
        }

        error = "argument(s) must be one of the following: " + Values;
        return false;
    }
}

/// <summary>
/// A string, UTF-8 in the configuration and characters in the property unless the row says that it is binary; empty is null where the row
/// says that it means "none".
/// </summary>
internal sealed class TextParameter(string name, Func<ServerConfig, string?> get, Action<ServerConfig, string?> set)
    : ConfigParameter(name)
{
    public bool IsEmptyNull { get; init; }

    public bool IsBinary { get; init; }

    public override string Values => "text";

    public override string Print(ServerConfig config)
    {
        string value = get(config) ?? "";
        return IsBinary ? value : ConfigText.FromUnicode(value);
    }

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        string value = IsBinary ? arguments[0] : ConfigText.ToUnicode(arguments[0]);
        error = null;
        set(config, IsEmptyNull && value.Length == 0 ? null : value);
        return true;
    }

    /// <summary>A value of null is no line at all, so that it is null again at the next start.</summary>
    public override IEnumerable<RewriteLine> Rewrite(ServerConfig config) => get(config) is null ? [] : base.Rewrite(config);

    protected override string PrintForFile(ServerConfig config) => ConfigText.Quote(Print(config));
}

/// <summary>How the text of a number is read and printed.</summary>
internal enum NumberUnit
{
    Plain,

    /// <summary>Bytes, with units.</summary>
    Memory,

    /// <summary>Bytes with units, or a percentage, which is held as a negative number.</summary>
    MemoryOrPercent,

    Octal,
}

/// <summary>A whole number within bounds.</summary>
internal sealed class NumberParameter(
    string name, long minimum, long maximum, Func<ServerConfig, long> get, Action<ServerConfig, long> set) : ConfigParameter(name)
{
    public NumberUnit Unit { get; init; }

    public override string Values => Unit switch
    {
        NumberUnit.MemoryOrPercent => $"bytes with units, or 0% to {-minimum}%",
        NumberUnit.Memory => $"bytes with units, {DescribeBounds()}",
        NumberUnit.Octal => $"octal, {Text(minimum)} to {Text(maximum)}",
        _ => DescribeBounds(),
    };

    public override string Print(ServerConfig config) => Text(get(config));

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        if (!TryParse(arguments[0], out long value))
        {
            error = Unit switch
            {
                NumberUnit.MemoryOrPercent => "argument must be a memory or percent value",
                NumberUnit.Memory => "argument must be a memory value",
                NumberUnit.Octal => "argument couldn't be parsed as an octal number",
                _ => "argument couldn't be parsed into an integer",
            };
            return false;
        }

        if (value < minimum || value > maximum)
        {
            error = Unit == NumberUnit.MemoryOrPercent && value < 0
                ? $"percentage argument must be less or equal to {-minimum}"
                : $"argument must be between {Text(minimum)} and {Text(maximum)} inclusive";
            return false;
        }

        error = null;
        set(config, value);
        return true;
    }

    protected override string PrintForFile(ServerConfig config)
    {
        long value = get(config);
        bool isMemory = Unit == NumberUnit.Memory || (Unit == NumberUnit.MemoryOrPercent && value >= 0);
        return isMemory ? MemorySize.Format(value) : Text(value);
    }

    private bool TryParse(string text, out long value)
    {
        switch (Unit)
        {
            case NumberUnit.Memory:
                return MemorySize.TryParse(text, out value);
            case NumberUnit.MemoryOrPercent:
                if (MemorySize.TryParse(text, out value))
                    return true;
                bool isPercent = text.EndsWith('%') && TryParsePlain(text.AsSpan(0, text.Length - 1), out value) && value >= 0;
                value = -value;
                return isPercent;
            case NumberUnit.Octal:
                return TryParseOctal(text, out value);
            default:
                return TryParsePlain(text, out value);
        }
    }

    /// <summary>As strict as Redis's string2ll: no blanks, no plus sign, no leading zeros.</summary>
    private static bool TryParsePlain(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && text.SequenceEqual(value.ToString(CultureInfo.InvariantCulture));

    private static bool TryParseOctal(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        foreach (char c in text)
        {
            if (c is < '0' or > '7' || value > long.MaxValue >> 3)
                return false;
            value = (value << 3) | (uint)(c - '0');
        }

        return text.Length > 0;
    }

    private string Text(long value) => Unit switch
    {
        NumberUnit.Octal => Convert.ToString(value, 8),
        NumberUnit.MemoryOrPercent when value < 0 => string.Create(CultureInfo.InvariantCulture, $"{-value}%"),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private string DescribeBounds() => (minimum, maximum) switch
    {
        (int.MinValue or long.MinValue, int.MaxValue or long.MaxValue) => "whole number",
        (_, int.MaxValue or uint.MaxValue or long.MaxValue) => $"{Text(minimum)} or more",
        _ => $"{Text(minimum)} to {Text(maximum)}",
    };
}
