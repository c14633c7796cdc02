namespace OrleansKv.Engine.Execution;

/// <summary>The one place that makes random number sources, so that a simulation can seed them all.</summary>
public static class RandomSource
{
    private static Random? _seeds;
    private static readonly Lock Gate = new();

    /// <summary>From now on sources are made from this seed, in the order in which they are asked for.</summary>
    public static void Seed(int seed)
    {
        lock (Gate) _seeds = new Random(seed);
    }

    /// <summary>A source for one thread.</summary>
    public static Random Create()
    {
        lock (Gate) return _seeds == null ? new Random() : new Random(_seeds.Next());
    }
}
