namespace OrleansKv.Engine.Configuration;

/// <summary>Memory limits, eviction, expiry, and freeing in the background.</summary>
internal static class MemoryParameters
{
    private static readonly (string Name, MaxMemoryPolicy Value)[] Policies =
    [
        ("volatile-lru", MaxMemoryPolicy.VolatileLru), ("volatile-lfu", MaxMemoryPolicy.VolatileLfu),
        ("volatile-random", MaxMemoryPolicy.VolatileRandom), ("volatile-ttl", MaxMemoryPolicy.VolatileTtl),
        ("allkeys-lru", MaxMemoryPolicy.AllKeysLru), ("allkeys-lfu", MaxMemoryPolicy.AllKeysLfu),
        ("allkeys-random", MaxMemoryPolicy.AllKeysRandom), ("noeviction", MaxMemoryPolicy.NoEviction),
    ];

    internal static readonly ConfigParameter[] Rows =
    [
        new NumberParameter("maxmemory", 0, long.MaxValue, c => c.MaxMemoryBytes, (c, v) => c.MaxMemoryBytes = v)
        {
            Unit = NumberUnit.Memory, Summary = "Memory of the data; 0 for no limit.",
        },
        new EnumParameter<MaxMemoryPolicy>("maxmemory-policy", Policies, c => c.MaxMemoryPolicy, (c, v) => c.MaxMemoryPolicy = v)
        {
            Summary = "What to remove when `maxmemory` is reached.",
        },
        new NumberParameter("maxmemory-samples", 1, int.MaxValue, c => c.MaxMemorySamples, (c, v) => c.MaxMemorySamples = (int)v)
        {
            Summary = "Keys that an eviction chooses among.",
        },
        new NumberParameter("lfu-log-factor", 0, int.MaxValue, c => c.LfuLogFactor, (c, v) => c.LfuLogFactor = (int)v)
        {
            Summary = "How many hits saturate the access counter.",
        },
        new NumberParameter("lfu-decay-time", 0, int.MaxValue, c => c.LfuDecayTimeMinutes, (c, v) => c.LfuDecayTimeMinutes = (int)v)
        {
            Summary = "Minutes in which the access counter loses one; 0 for never.",
        },
        new NumberParameter("active-expire-effort", 1, 10, c => c.ActiveExpireEffort, (c, v) => c.ActiveExpireEffort = (int)v)
        {
            Summary = "Work spent on removing expired keys that nobody asks for.",
        },
        new NumberParameter("hz", 0, int.MaxValue, c => c.Hz, (c, v) => c.Hz = (int)Math.Clamp(v, 1, 500))
        {
            Summary = "Rounds of background work a second, brought into 1 to 500.",
        },
        new BoolParameter("lazyfree-lazy-eviction", c => c.LazyFreeEviction, (c, v) => c.LazyFreeEviction = v)
        {
            Summary = "Free evicted values in the background.",
        },
        new BoolParameter("lazyfree-lazy-expire", c => c.LazyFreeExpire, (c, v) => c.LazyFreeExpire = v)
        {
            Summary = "Free expired values in the background.",
        },
        new BoolParameter("lazyfree-lazy-server-del", c => c.LazyFreeServerDel, (c, v) => c.LazyFreeServerDel = v)
        {
            Summary = "Free values that a command such as RENAME replaces in the background.",
        },
        new BoolParameter("lazyfree-lazy-user-del", c => c.LazyFreeUserDel, (c, v) => c.LazyFreeUserDel = v)
        {
            Summary = "Let DEL work as UNLINK.",
        },
        new BoolParameter("lazyfree-lazy-user-flush", c => c.LazyFreeUserFlush, (c, v) => c.LazyFreeUserFlush = v)
        {
            Summary = "Let FLUSHALL and FLUSHDB be ASYNC unless told otherwise.",
        },
    ];
}
