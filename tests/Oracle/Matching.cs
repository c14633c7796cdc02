using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>How two servers' replies to one command are compared.</summary>
internal enum Match
{
    /// <summary>The same types, texts and order.</summary>
    Exact,

    /// <summary>As exact, but a score may be written in two ways: Redis 7.0 prints 17 digits, 7.2 the shortest text of the same number.</summary>
    Scores,

    /// <summary>The same elements, in whatever order.</summary>
    AnyOrder,

    /// <summary>The same pairs, in whatever order; a flat array in RESP2, a map in RESP3.</summary>
    PairsInAnyOrder,

    /// <summary>Numbers that may differ by what passed between the two servers' turns, in seconds.</summary>
    Seconds,

    /// <summary>Numbers that may differ by what passed between the two servers' turns, in milliseconds.</summary>
    Milliseconds,

    /// <summary>Names of encodings, of which Redis 7.2 has more than 7.0.</summary>
    Encoding,

    /// <summary>The same type, whatever the value: idle times and reference counts.</summary>
    TypeOnly,

    /// <summary>A whole iteration, from cursor 0 to cursor 0, compared as a set.</summary>
    Scan,

    /// <summary>A random choice, checked against the content of the key.</summary>
    Random,
}

/// <summary>Knows for each command what Redis promises about its reply, and compares by it.</summary>
internal static class Matching
{
    private const double SecondsMargin = 3;
    private const double MillisecondsMargin = 3000;

    private static readonly Dictionary<string, Match> ByCommand = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SMEMBERS"] = Match.AnyOrder,
        ["SINTER"] = Match.AnyOrder,
        ["SUNION"] = Match.AnyOrder,
        ["SDIFF"] = Match.AnyOrder,
        ["KEYS"] = Match.AnyOrder,
        ["HKEYS"] = Match.AnyOrder,
        ["HVALS"] = Match.AnyOrder,
        ["HGETALL"] = Match.PairsInAnyOrder,
        ["TTL"] = Match.Seconds,
        ["EXPIRETIME"] = Match.Seconds,
        ["PTTL"] = Match.Milliseconds,
        ["PEXPIRETIME"] = Match.Milliseconds,
        ["SCAN"] = Match.Scan,
        ["SSCAN"] = Match.Scan,
        ["HSCAN"] = Match.Scan,
        ["ZSCAN"] = Match.Scan,
        ["SPOP"] = Match.Random,
        ["SRANDMEMBER"] = Match.Random,
        ["HRANDFIELD"] = Match.Random,
        ["ZRANDMEMBER"] = Match.Random,
        ["RANDOMKEY"] = Match.Random,
    };

    public static Match Of(string[] args)
    {
        if (ByCommand.TryGetValue(args[0], out Match match))
            return match;
        if (args[0].Equals("OBJECT", StringComparison.OrdinalIgnoreCase) && args.Length > 1)
            return args[1].Equals("ENCODING", StringComparison.OrdinalIgnoreCase) ? Match.Encoding : Match.TypeOnly;
        // Every sorted set command begins with Z or BZ.
        return args[0][0] is 'z' or 'Z' || args[0].StartsWith("BZ", StringComparison.OrdinalIgnoreCase) ? Match.Scores : Match.Exact;
    }

    public static bool Same(Match match, RespValue expected, RespValue actual)
    {
        // A scalar where a collection is usual (an error, QUEUED, a null) has no order to forgive.
        bool orderFree = match is Match.AnyOrder or Match.PairsInAnyOrder;
        if (expected.IsError || actual.IsError || (orderFree && !expected.IsAggregate))
            return Exact(expected, actual);
        return match switch
        {
            Match.Scores => Scores(expected, actual),
            Match.AnyOrder => expected.Kind == actual.Kind && Sorted(Words(expected, 1)).SequenceEqual(Sorted(Words(actual, 1))),
            Match.PairsInAnyOrder => expected.Kind == actual.Kind && Sorted(Words(expected, 2)).SequenceEqual(Sorted(Words(actual, 2))),
            Match.Seconds => Near(expected, actual, SecondsMargin),
            Match.Milliseconds => Near(expected, actual, MillisecondsMargin),
            Match.Encoding => SameEncoding(expected, actual),
            Match.TypeOnly => expected.Kind == actual.Kind,
            _ => Exact(expected, actual),
        };
    }

    /// <summary>The elements of a reply as texts, <paramref name="perEntry"/> items each.</summary>
    public static IEnumerable<string> Words(RespValue reply, int perEntry) =>
        reply.Items.Chunk(perEntry).Select(entry => string.Join(" => ", entry.Select(item => item.ToString())));

    private static List<string> Sorted(IEnumerable<string> words)
    {
        List<string> sorted = [.. words];
        sorted.Sort(StringComparer.Ordinal);
        return sorted;
    }

    private static bool Exact(RespValue expected, RespValue actual) => SameTree(expected, actual, static (a, b) => a == b);

    private static bool Scores(RespValue expected, RespValue actual) => SameTree(expected, actual, SameNumberOrText);

    private static bool SameTree(RespValue expected, RespValue actual, Func<string, string, bool> sameText)
    {
        if (expected.Kind != actual.Kind || !sameText(expected.Text, actual.Text) || expected.Items.Count != actual.Items.Count)
            return false;
        for (int i = 0; i < expected.Items.Count; i++)
        {
            if (!SameTree(expected.Items[i], actual.Items[i], sameText))
                return false;
        }
        return true;
    }

    private static bool SameNumberOrText(string expected, string actual) =>
        expected == actual || (Number(expected) is double a && Number(actual) is double b && a.Equals(b) && a != 0);

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    private static bool Near(RespValue expected, RespValue actual, double margin)
    {
        if (expected.Kind != RespKind.Integer || actual.Kind != RespKind.Integer)
            return Exact(expected, actual);
        long a = expected.AsInteger();
        long b = actual.AsInteger();
        return a == b || (a >= 0 && b >= 0 && Math.Abs((double)a - b) <= margin);
    }

    private static bool SameEncoding(RespValue expected, RespValue actual)
    {
        bool newer = actual.Text == "listpack" && expected.Text is "quicklist" or "hashtable";
        return Exact(expected, actual) || (newer && expected.Kind == actual.Kind);
    }
}
