using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// The 24 bits that each key keeps of its use: under the LRU policies the second of its last use, under the LFU ones the minute of the last
/// decay and an 8-bit logarithmic counter.
/// </summary>
/// <remarks>Source: Redis's evict.c describes both; the counter is Morris's approximate counting with lfu-log-factor and lfu-decay-time.</remarks>
public static class AccessClock
{
    private const uint ClockMask = 0xFFFFFF;

    /// <summary>The counter that a new key starts with, so that it is not evicted at once.</summary>
    public const int InitialCounter = 5;

    /// <summary>Starts the clock of a new key.</summary>
    public static void Start(Entry entry, CommandContext context) =>
        entry.Access = IsLfu(context.Config.MaxMemoryPolicy) ? (Minutes(context.NowMs) << 8) | InitialCounter : Seconds(context.NowMs);

    /// <summary>Notes a use.</summary>
    public static void Touch(Entry entry, CommandContext context)
    {
        if (!IsLfu(context.Config.MaxMemoryPolicy))
        {
            entry.Access = Seconds(context.NowMs);
            return;
        }

        var counter = Increment(DecayedCounter(entry, context.NowMs, context.Config.LfuDecayTimeMinutes), context);
        entry.Access = (Minutes(context.NowMs) << 8) | (uint)counter;
    }

    /// <summary>Seconds since the key was last used, under an LRU policy.</summary>
    public static long IdleSeconds(Entry entry, long nowMs) => (Seconds(nowMs) - entry.Access) & ClockMask;

    /// <summary>The LFU counter (0 to 255) as of now: one less for every lfu-decay-time minutes without use.</summary>
    public static int DecayedCounter(Entry entry, long nowMs, int decayMinutes)
    {
        var counter = (int)(entry.Access & 0xFF);
        if (decayMinutes == 0) return counter;
        var elapsed = (Minutes(nowMs) - (entry.Access >> 8)) & 0xFFFF;
        return Math.Max(0, counter - (int)(elapsed / decayMinutes));
    }

    /// <summary>True for allkeys-lfu and volatile-lfu.</summary>
    public static bool IsLfu(MaxMemoryPolicy policy) => policy is MaxMemoryPolicy.AllKeysLfu or MaxMemoryPolicy.VolatileLfu;

    /// <summary>True for the policies that evict by use: LRU and LFU ones.</summary>
    public static bool IsKept(MaxMemoryPolicy policy) =>
        IsLfu(policy) || policy is MaxMemoryPolicy.AllKeysLru or MaxMemoryPolicy.VolatileLru;

    private static uint Seconds(long nowMs) => (uint)(nowMs / 1000) & ClockMask;

    private static uint Minutes(long nowMs) => (uint)(nowMs / 60_000) & 0xFFFF;

    private static int Increment(int counter, CommandContext context)
    {
        if (counter == 255) return counter;
        var above = Math.Max(0, counter - InitialCounter);
        var chance = 1.0 / ((above * context.Config.LfuLogFactor) + 1);
        return context.Worker.Random.NextDouble() < chance ? counter + 1 : counter;
    }
}
