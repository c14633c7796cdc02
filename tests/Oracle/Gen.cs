using System.Globalization;

namespace OrleansKv.Oracle;

/// <summary>
/// The source of every random decision, so that a seed gives the same commands again. Alphabets are small on purpose: most commands should
/// meet a key, member or value that an earlier one left behind.
/// </summary>
internal sealed class Gen(int seed)
{
    private static readonly string[] KeyLetters = ["s", "l", "h", "t", "z"];

    private static readonly string[] NumberTraps =
    [
        "", "abc", "-1", "0", "1.5", "-0", "+1", " 1", "1 ", "0x10", "nan", "inf", "-inf", "1e400", "1e-400",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
    ];

    private static readonly string[] Values =
    [
        "", "a", "b", "hello", "10", "-5", "007", "3.5", "-0.25", "5 ", "1e3", "\0\xff\r\n",
        "9223372036854775807", "-9223372036854775808", "123456789012345678901",
        new string('e', 44), new string('r', 45), new string('x', 64), new string('y', 65),
    ];

    private static readonly string[] Floats =
    [
        "0", "-0", "0.5", "-1.25", "2", "3", "10", "0.1", "3.3", "1e3", "1e17", "1e21", "-1e-7", "123456789.125", "inf", "-inf", "+inf", "5e-324",
    ];

    private readonly Random _random = new(seed);
    private int _moments;

    public int Below(int bound) => _random.Next(bound);

    public int Between(int low, int high) => _random.Next(low, high + 1);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>A key of the type with this letter; now and then a key of another type or one that no command ever creates.</summary>
    public string Key(string letter)
    {
        if (Chance(0.03))
            return AnyKey();
        return Chance(0.02) ? "absent" : $"{letter}{Below(5)}";
    }

    public string AnyKey() => $"{Pick(KeyLetters)}{Below(5)}";

    public string Value() => Chance(0.3) ? Small() : Pick(Values);

    /// <summary>A member of a collection: words and numbers, rarely one so long that the compact encodings give up.</summary>
    public string Member()
    {
        if (Chance(0.01))
            return new string('m', Between(63, 66));
        return Chance(0.5) ? Between(0, 9).ToString(CultureInfo.InvariantCulture) : $"m{Below(8)}";
    }

    /// <summary>Many members at once, enough to cross a threshold of the compact encodings from time to time.</summary>
    public string[] ManyMembers()
    {
        int first = Below(1000);
        string prefix = Chance(0.5) ? "" : "m";
        return [.. Enumerable.Range(first, Between(60, 140)).Select(number => $"{prefix}{number}")];
    }

    /// <summary>More numbers than a set of integers may hold in its compact form.</summary>
    public string[] ManyNumbers() => [.. Enumerable.Range(Below(100), Between(400, 600)).Select(number => $"{number}")];

    public string Small() => Between(-3, 20).ToString(CultureInfo.InvariantCulture);

    public string Index() => Between(-6, 6).ToString(CultureInfo.InvariantCulture);

    public string Count() => Between(0, 5).ToString(CultureInfo.InvariantCulture);

    public string Float() => Chance(0.5) ? (Between(-20, 20) / 4.0).ToString(CultureInfo.InvariantCulture) : Pick(Floats);

    public string NumberTrap() => Pick(NumberTraps);

    /// <summary>
    /// A life time in seconds, far away and different each time: both servers' clocks agree on the order of any two, however long they
    /// take in between.
    /// </summary>
    public string LifetimeSeconds()
    {
        if (Chance(0.08))
            return Pick(["0", "-1", "9223372036854775807", "x"]);
        return ((100 + Below(50)) * 1000 + 10 * (_moments++ % 100)).ToString(CultureInfo.InvariantCulture);
    }

    public string LifetimeMs() => Chance(0.08) ? LifetimeSeconds() : $"{(100 + Below(50)) * 1_000_000L + 10_000 * (_moments++ % 100)}";

    /// <summary>A moment in Unix seconds: mostly one of a few in the 2060s, so that equal ones meet, sometimes long past.</summary>
    public string MomentSeconds() => Chance(0.1) ? Pick(["1", "-1", "0", "1500000000"]) : $"{2_900_000_000L + 1000 * Below(4)}";

    public string MomentMs() => Chance(0.1) ? Pick(["1", "-1", "0", "1500000000000"]) : $"{2_900_000_000_000L + 1_000_000 * Below(4)}";
}
