using System.Numerics;

namespace OrleansKv.MemoryLayout;

/// <summary>Counts per duration in nanoseconds, in buckets at most 1/32 of their value wide.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private readonly long[] _counts = new long[(64 - SubBits + 1) << SubBits];
    private long _total;

    public long MaxNs { get; private set; }

    public long Total => _total;

    public void Record(long durationNs)
    {
        _counts[BucketOf(durationNs)]++;
        _total++;
        MaxNs = Math.Max(MaxNs, durationNs);
    }

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
        _total += other._total;
        MaxNs = Math.Max(MaxNs, other.MaxNs);
    }

    public double PercentileUs(double percentile)
    {
        long wanted = (long)Math.Ceiling(_total * percentile / 100);
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(UpperBound(i), MaxNs) / 1000.0;
            }
        }
        return MaxNs / 1000.0;
    }

    private static int BucketOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static long UpperBound(int bucket)
    {
        int shift = Math.Max(0, (bucket >> SubBits) - 1);
        return (((long)bucket - (shift << SubBits) + 1) << shift) - 1;
    }
}
