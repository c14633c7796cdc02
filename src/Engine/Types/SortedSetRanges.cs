using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>How far a collection keeps its compact encoding.</summary>
/// <param name="MaxEntries">Most elements.</param>
/// <param name="MaxValueBytes">Longest element.</param>
public readonly record struct PackLimits(long MaxEntries, long MaxValueBytes);

/// <summary>Conditions on an addition to a sorted set.</summary>
[Flags]
public enum AddOptions
{
    None = 0,
    OnlyNew = 1,
    OnlyExisting = 2,
    OnlyGreater = 4,
    OnlyLess = 8,
    Increment = 16,
}

/// <summary>What an addition to a sorted set did.</summary>
public enum AddResult
{
    /// <summary>A condition did not hold; nothing was done.</summary>
    Refused,

    Added,
    Updated,

    /// <summary>The member has that score already.</summary>
    Unchanged,

    /// <summary>The increment would have given no number; nothing was done.</summary>
    NotANumber,
}

/// <summary>Members from a rank on.</summary>
public readonly record struct RankRange(long Start, long Count)
{
    /// <summary>The members between two indexes (both included, negative from the end) of a set of <paramref name="length"/>.</summary>
    public static RankRange Of(long first, long last, long length)
    {
        if (first < 0) first = Math.Max(0, first + length);
        if (last < 0) last += length;
        last = Math.Min(last, length - 1);
        return first > last ? default : new RankRange(first, last - first + 1);
    }

    /// <summary>The same members counted from the other end.</summary>
    public RankRange Mirror(long length) => Count == 0 ? this : new RankRange(length - Start - Count, Count);

    /// <summary>What LIMIT leaves: from <paramref name="offset"/> on, at most <paramref name="count"/> (negative: all).</summary>
    /// <param name="offset">Members passed over; a negative one leaves nothing.</param>
    /// <param name="count">Most members.</param>
    /// <param name="reverse">Whether offset and count go from the end of the range.</param>
    public RankRange Limit(long offset, long count, bool reverse)
    {
        if (offset < 0 || offset >= Count) return default;
        var left = Count - offset;
        if (count >= 0) left = Math.Min(left, count);
        return new RankRange(reverse ? Start + Count - offset - left : Start + offset, left);
    }
}

/// <summary>A range of scores, either bound included or not.</summary>
public readonly struct ScoreRange
{
    private readonly double _min;
    private readonly double _max;
    private readonly bool _excludesMin;
    private readonly bool _excludesMax;

    private ScoreRange(double min, bool excludesMin, double max, bool excludesMax) =>
        (_min, _excludesMin, _max, _excludesMax) = (min, excludesMin, max, excludesMax);

    /// <summary>True where no score can be within it.</summary>
    public bool IsEmpty => _min > _max || (_min == _max && (_excludesMin || _excludesMax));

    internal ScoreCut Low => new(_min, _excludesMin);

    internal ScoreCut High => new(_max, !_excludesMax);

    /// <summary>Reads bounds as ZRANGEBYSCORE takes them: a score, "(score", "-inf", "+inf".</summary>
    public static bool TryParse(ReadOnlySpan<byte> min, ReadOnlySpan<byte> max, out ScoreRange range)
    {
        range = default;
        if (!TryParse(min, out var low, out var excludesLow) || !TryParse(max, out var high, out var excludesHigh)) return false;
        range = new ScoreRange(low, excludesLow, high, excludesHigh);
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out double score, out bool excluded)
    {
        excluded = text.Length > 0 && text[0] == '(';
        if (excluded) text = text[1..];

        // C's strtod, which Redis uses here, passes over blanks and takes nothing at all for 0.
        while (text.Length > 0 && text[0] is (byte)' ' or (>= 9 and <= 13)) text = text[1..];
        score = 0;
        return text.Length == 0 || NumberText.TryParseAnyDouble(text, out score);
    }
}

/// <summary>A range of names, either bound included or not, or open.</summary>
public readonly ref struct LexRange
{
    private readonly Bound _min;
    private readonly Bound _max;

    private LexRange(Bound min, Bound max)
    {
        _min = min;
        _max = max;
    }

    /// <summary>True where no name can be within it.</summary>
    public bool IsEmpty
    {
        get
        {
            if (_min.Infinity > 0 || _max.Infinity < 0) return true;
            if (_min.Infinity < 0 || _max.Infinity > 0) return false;
            var order = _min.Name.SequenceCompareTo(_max.Name);
            return order > 0 || (order == 0 && (_min.IsExcluded || _max.IsExcluded));
        }
    }

    internal bool IsOpenBelow => _min.Infinity < 0;

    internal bool IsOpenAbove => _max.Infinity > 0;

    internal LexCut Low => new(_min.Name, _min.IsExcluded);

    internal LexCut High => new(_max.Name, !_max.IsExcluded);

    /// <summary>Reads bounds as ZRANGEBYLEX takes them: "[name", "(name", "-", "+".</summary>
    public static bool TryParse(ReadOnlySpan<byte> min, ReadOnlySpan<byte> max, out LexRange range)
    {
        range = default;
        if (!TryParse(min, out var low) || !TryParse(max, out var high)) return false;
        range = new LexRange(low, high);
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out Bound bound)
    {
        bound = default;
        if (text.Length == 0) return false;
        var mark = text[0];
        if (text.Length == 1 && mark is (byte)'-' or (byte)'+') bound = new Bound { Infinity = mark == '-' ? -1 : 1 };
        else if (mark is (byte)'[' or (byte)'(') bound = new Bound { Name = text[1..], IsExcluded = mark == '(' };
        else return false;
        return true;
    }

    private ref struct Bound
    {
        public ReadOnlySpan<byte> Name;
        public bool IsExcluded;
        public int Infinity;
    }
}
