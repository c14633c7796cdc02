namespace OrleansKv.Oracle;

/// <summary>Everything at once: the other families in turn, over the same keys.</summary>
internal sealed class MixedFamily() : Family("mixed")
{
    public static readonly MixedFamily Instance = new();

    private static readonly Family[] Parts =
    [
        StringFamily.Instance, KeyFamily.Instance, ListFamily.Instance, HashFamily.Instance, SetFamily.Instance,
        SortedSetFamily.Instance,
    ];

    public override Unit Next(Gen gen) => gen.Chance(0.03) ? TransactionFamily.Instance.Next(gen) : gen.Pick(Parts).Next(gen);
}
