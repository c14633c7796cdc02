using System.Globalization;

namespace OrleansKv.Oracle;

/// <summary>What the names in braces in a <see cref="Template"/> stand for.</summary>
internal static class Placeholders
{
    private static readonly string[] Patterns = ["*", "m*", "?", "[0-5]", "[^m]*", "*[a-c]", "m?", "s*", "\\*", "[5-1]*", "nothing", "l[0-2]", "*0"];

    private static readonly Dictionary<string, Func<Gen, string[]>> All = new()
    {
        ["s"] = One(gen => gen.Key("s")),
        ["l"] = One(gen => gen.Key("l")),
        ["h"] = One(gen => gen.Key("h")),
        ["t"] = One(gen => gen.Key("t")),
        ["z"] = One(gen => gen.Key("z")),
        ["zt"] = One(gen => gen.Key(gen.Chance(0.8) ? "z" : "t")),
        ["y"] = One(gen => gen.Chance(0.04) ? "ystring" : $"y{gen.Below(3)}"),
        ["k"] = One(gen => gen.AnyKey()),
        ["v"] = One(gen => gen.Value()),
        ["m"] = One(gen => gen.Member()),
        ["many"] = gen => gen.ManyMembers(),
        ["numbers"] = gen => gen.ManyNumbers(),
        ["fields"] = gen => [.. gen.ManyMembers().SelectMany(member => new[] { member, gen.Value() })],
        ["scored"] = gen => [.. gen.ManyMembers().SelectMany(member => new[] { gen.Small(), member })],
        ["i"] = One(gen => gen.Index()),
        ["n"] = One(gen => gen.Small()),
        ["count"] = One(gen => gen.Count()),
        ["float"] = One(gen => gen.Float()),
        ["increment"] = One(gen => gen.Chance(0.8) ? (gen.Between(-40, 40) / 8.0).ToString(CultureInfo.InvariantCulture) : gen.Float()),
        ["bound"] = One(Bound),
        ["lex"] = One(Lex),
        ["pattern"] = One(gen => gen.Pick(Patterns)),
        ["offset"] = One(gen => gen.Chance(0.05) ? gen.Pick(["536870912", "600000000"]) : $"{gen.Between(-2, 70)}"),
        ["s-life"] = One(gen => gen.LifetimeSeconds()),
        ["ms-life"] = One(gen => gen.LifetimeMs()),
        ["s-moment"] = One(gen => gen.MomentSeconds()),
        ["ms-moment"] = One(gen => gen.MomentMs()),
        ["db"] = One(gen => gen.Pick(["0", "0", "0", "1", "1", "2", "16", "x"])),
    };

    public static Func<Gen, string[]> Named(string name) =>
        All.TryGetValue(name, out Func<Gen, string[]>? expand) ? expand : throw new FormatException($"no placeholder {{{name}}}");

    private static Func<Gen, string[]> One(Func<Gen, string> expand) => gen => [expand(gen)];

    private static string Bound(Gen gen)
    {
        string bound = gen.Chance(0.2) ? gen.Pick(["-inf", "+inf", "inf"]) : gen.Float();
        return gen.Chance(0.3) ? "(" + bound : bound;
    }

    private static string Lex(Gen gen)
    {
        if (gen.Chance(0.3))
            return gen.Pick(["-", "+", "-", "+", "a", ""]);
        return gen.Pick(["[", "("]) + (gen.Chance(0.1) ? "" : gen.Member());
    }
}
