namespace OrleansKv.Engine.Types;

/// <summary>Chooses some of the elements of one walk, every choice of that many being equally likely.</summary>
/// <remarks>Algorithm: selection sampling, algorithm S of Knuth, The Art of Computer Programming, volume 2, 3.4.2.</remarks>
internal struct SelectionSampler(Random random, long total, long wanted)
{
    private long _left = total;
    private long _wanted = wanted;

    /// <summary>True until as many as were wanted have been taken.</summary>
    public readonly bool WantsMore => _wanted > 0;

    /// <summary>Whether to take the next element of the walk.</summary>
    public bool Take()
    {
        if (random.NextInt64(_left--) >= _wanted) return false;
        _wanted--;
        return true;
    }
}
