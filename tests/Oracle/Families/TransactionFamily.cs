namespace OrleansKv.Oracle;

/// <summary>MULTI, EXEC, DISCARD, WATCH and UNWATCH, with a second client that changes watched keys in between.</summary>
internal sealed class TransactionFamily() : Family("transactions")
{
    public static readonly TransactionFamily Instance = new();

    private static readonly TemplateFamily[] Parts =
    [
        StringFamily.Instance, ListFamily.Instance, HashFamily.Instance, SetFamily.Instance, SortedSetFamily.Instance,
    ];

    // A random choice inside a transaction could not be repeated on the other server.
    private static readonly HashSet<string> Unrepeatable = new(StringComparer.OrdinalIgnoreCase)
    {
        "SPOP", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY",
    };

    private static readonly TemplateFamily Loose = new("loose", ["2*EXEC", "DISCARD", "UNWATCH", "WATCH {k}+", "MULTI x", "EXEC x", "WATCH"]);

    public override Unit Next(Gen gen) => gen.Below(10) switch
    {
        0 => Loose.Next(gen),
        1 => new Unit(Step.Command(AnyCommand(gen))),
        _ => Transaction(gen),
    };

    private static Unit Transaction(Gen gen)
    {
        var steps = new List<Step>();
        if (gen.Chance(0.4))
            AddWatch(gen, steps);
        steps.Add(Step.Command("MULTI"));
        for (int count = gen.Below(7); count > 0; count--)
        {
            steps.Add(Step.Command(AnyCommand(gen)));
            if (gen.Chance(0.02))
                steps.Add(Step.Command(gen.Pick<string[]>([["MULTI"], ["WATCH", "s0"], ["NOSUCHCOMMAND", "x"], ["UNWATCH"]])));
            if (gen.Chance(0.05))
                steps.Add(Step.CommandOn(1, AnyCommand(gen)));
        }
        steps.Add(Step.Command(gen.Chance(0.1) ? "DISCARD" : "EXEC"));
        return new Unit([.. steps]);
    }

    private static void AddWatch(Gen gen, List<Step> steps)
    {
        string key = gen.AnyKey();
        steps.Add(Step.Command("WATCH", key, gen.AnyKey()));
        switch (gen.Below(6))
        {
            case 0:
                steps.Add(Step.CommandOn(1, "DEL", key));
                break;
            case 1:
                steps.Add(Step.CommandOn(1, "EXPIRE", key, "100000"));
                break;
            case 2:
                steps.Add(Step.CommandOn(1, AnyCommand(gen)));
                break;
            case 3:
                steps.Add(Step.Command(AnyCommand(gen)));
                break;
            case 4:
                steps.Add(Step.CommandOn(1, gen.Chance(0.5) ? "FLUSHDB" : "FLUSHALL"));
                break;
        }
        if (gen.Chance(0.15))
            steps.Add(Step.Command("UNWATCH"));
    }

    private static string[] AnyCommand(Gen gen)
    {
        while (true)
        {
            string[] args = gen.Pick(Parts).NextCommand(gen);
            if (!Unrepeatable.Contains(args[0]))
                return args;
        }
    }
}
