using System.Diagnostics;
using System.Text;
using OrleansKv.Support;
using Xunit.Abstractions;

namespace OrleansKv.Oracle;

/// <summary>
/// The same random commands to a real redis-server and to this server, every reply compared. A failure shows up to
/// <see cref="MaxShown"/> different bugs, each with the few commands that still show it and the seed that repeats the run.
/// </summary>
public sealed class OracleTests(Servers servers, ITestOutputHelper output) : IClassFixture<Servers>
{
    private const int StepsPerSequence = 400;
    private const int MaxShown = 12;
    private const int ShrinkBudgetMs = 2_000;

    private static readonly Family[] Families =
    [
        StringFamily.Instance, KeyFamily.Instance, ListFamily.Instance, HashFamily.Instance, SetFamily.Instance, SortedSetFamily.Instance,
        TransactionFamily.Instance, BlockingFamily.Instance, MixedFamily.Instance,
    ];

    public static TheoryData<string, int> Cases()
    {
        var cases = new TheoryData<string, int>();
        foreach (Family family in Families.Where(family => OracleOptions.Runs(family.Name)))
        {
            cases.Add(family.Name, 2);
            cases.Add(family.Name, 3);
        }
        return cases;
    }

    [ToolTheory("redis-server")]
    [MemberData(nameof(Cases))]
    public void RandomCommands_SameRepliesAsRedis(string family, int protocol)
    {
        Family source = Families.First(candidate => candidate.Name == family);
        long start = Stopwatch.GetTimestamp();
        var found = new Dictionary<string, string>();
        int done = 0;
        for (int sequence = 0; done < OracleOptions.Commands && found.Count < MaxShown; sequence++)
        {
            List<Unit> units = Generate(source, Seed(family, protocol, sequence));
            done += units.Sum(unit => unit.Steps.Length);
            Mismatch? mismatch = Run(units, protocol);
            if (mismatch is not null && !found.ContainsKey(mismatch.Signature))
                found.Add(mismatch.Signature, Describe(units, mismatch, protocol, sequence));
        }
        output.WriteLine($"{done} commands in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, seed {OracleOptions.Seed}");
        Assert.True(found.Count == 0, Report(family, protocol, found.Values));
    }

    private static int Seed(string family, int protocol, int sequence)
    {
        // Not string.GetHashCode: it differs from run to run.
        int hash = OracleOptions.Seed;
        foreach (char c in $"{family}/{protocol}/{sequence}")
            hash = unchecked((hash * 31) + c);
        return hash;
    }

    private static List<Unit> Generate(Family family, int seed)
    {
        var gen = new Gen(seed);
        var units = new List<Unit>
        {
            new(Step.Command(Thresholds(gen))),
            // A key of each type, so that commands meet wrong types from the start.
            new(Step.Command("SET", "s0", "hello")),
            new(Step.Command("RPUSH", "l0", "a", "b", "m1")),
            new(Step.Command("HSET", "h0", "m1", "1", "m2", "two")),
            new(Step.Command("SADD", "t0", "m1", "2")),
            new(Step.Command("ZADD", "z0", "1", "m1", "2", "m2")),
        };
        for (int steps = units.Count; steps < StepsPerSequence;)
        {
            Unit unit = family.Next(gen);
            units.Add(unit);
            steps += unit.Steps.Length;
        }
        return units;
    }

    // In every other sequence the compact encodings end at sizes that random commands cross all the time; above the four elements that one
    // command adds, because Redis 7.2 converts by the number of arguments and 7.0 by the number of different ones.
    private static string[] Thresholds(Gen gen)
    {
        bool small = gen.Chance(0.5);
        string entries = small ? $"{gen.Between(5, 12)}" : "128";
        string bytes = small ? $"{gen.Between(3, 20)}" : "64";
        return
        [
            "CONFIG", "SET", "hash-max-listpack-entries", entries, "hash-max-listpack-value", bytes,
            "zset-max-listpack-entries", entries, "zset-max-listpack-value", bytes,
            "set-max-intset-entries", small ? entries : "512", "list-max-listpack-size", small ? $"{gen.Between(1, 5)}" : "-2",
        ];
    }

    private Mismatch? Run(List<Unit> units, int protocol) =>
        SequenceRunner.Run(servers.Oracle.Port, servers.Subject.Port, protocol == 3, units);

    private string Describe(List<Unit> units, Mismatch mismatch, int protocol, int sequence)
    {
        (List<Unit> few, Mismatch last) = Shrinker.Shrink(units, mismatch, fewer => Run(fewer, protocol), ShrinkBudgetMs);
        var text = new StringBuilder($"sequence {sequence}:\n{last}\n  after:\n");
        IEnumerable<Step> steps = few.SelectMany(unit => unit.Steps);
        foreach (Step step in steps.TakeLast(20))
            text.Append("    ").Append(Cut(step.ToString())).Append('\n');
        return text.ToString();
    }

    private string Report(string family, int protocol, IEnumerable<string> found)
    {
        string replay = $"ORACLE_SEED={OracleOptions.Seed} ORACLE_COMMANDS={OracleOptions.Commands} ORACLE_FAMILY={family}";
        string log = servers.Subject.Output;
        return $"{family} in RESP{protocol} differs from Redis; replay with {replay}\n{string.Join('\n', found)}\nThe server's last lines:\n{log}";
    }

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
