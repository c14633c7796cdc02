namespace OrleansKv.Oracle;

/// <summary>A source of random commands of one topic.</summary>
internal abstract class Family(string name)
{
    public string Name { get; } = name;

    public abstract Unit Next(Gen gen);

    public override string ToString() => Name;
}

/// <summary>A family that is a list of command syntaxes; a few of the commands are then spoiled, to meet every error.</summary>
internal sealed class TemplateFamily : Family
{
    // What a spoiled argument of these could turn into is a life time of a few seconds or a wait without end.
    private static readonly HashSet<string> NeverSpoiled = new(StringComparer.OrdinalIgnoreCase)
    {
        "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "SETEX", "PSETEX", "GETEX",
        "BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "FLUSHALL", "SELECT",
    };

    private readonly List<Template> _templates = [];

    public TemplateFamily(string name, IEnumerable<string> templates)
        : base(name)
    {
        foreach (Template template in templates.Select(Template.Parse))
            _templates.AddRange(Enumerable.Repeat(template, template.Weight));
    }

    public override Unit Next(Gen gen) => new(Step.Command(NextCommand(gen)));

    public string[] NextCommand(Gen gen)
    {
        string[] args;
        do
            args = Candidate(gen);
        while (AnswersDiffer(args));
        return args;
    }

    // What Redis itself answers in two ways: 7.2 has ZRANK WITHSCORE and refuses the smallest rank that 7.0 overflowed on.
    private static bool AnswersDiffer(string[] args) => args[0].ToUpperInvariant() switch
    {
        "ZRANK" or "ZREVRANK" => args.Length == 4,
        "LPOS" => args.Contains("-9223372036854775808"),
        _ => false,
    };

    private string[] Candidate(Gen gen)
    {
        string[] args = gen.Pick(_templates).Expand(gen);
        if (gen.Chance(0.06))
            args = NeverSpoiled.Contains(args[0]) || HasEqualScores(args) ? Shortened(args) : Spoiled(gen, args);
        return args;
    }

    // See SortedSetFamily.
    private static bool HasEqualScores(string[] args) => args[0] == "ZADD" && args[1][0] == 'y';

    private static string[] Shortened(string[] args) => args.Length > 1 ? args[..^1] : args;

    private static string[] Spoiled(Gen gen, string[] args)
    {
        switch (gen.Below(5))
        {
            case 0:
                return Shortened(args);
            case 1:
                return [.. args, gen.NumberTrap()];
            case 2:
                return [MixedCase(args[0]), .. args[1..]];
            default:
                if (args.Length == 1)
                    return args;
                args = [.. args];
                args[gen.Between(1, args.Length - 1)] = gen.NumberTrap();
                return args;
        }
    }

    private static string MixedCase(string word) =>
        string.Concat(word.Select((c, index) => index % 2 == 0 ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
}
