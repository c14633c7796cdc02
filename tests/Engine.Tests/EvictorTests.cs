using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Tests;

/// <summary>These compare with memory that the whole process shares, so nothing runs beside them.</summary>
[CollectionDefinition(nameof(EvictorTests), DisableParallelization = true)]
[Collection(nameof(EvictorTests))]
public class EvictorTests
{
    private const int Keys = 1000;
    private const int ValueBytes = 1000;

    [Fact]
    public void TryEvict_AllKeysLru_TakesTheLongestIdle()
    {
        using var store = Filled(MaxMemoryPolicy.AllKeysLru);
        Touch(store, 0, Keys / 2, times: 1);
        EvictAQuarter(store);
        Assert.InRange(Left(store, 0, Keys / 2), (Keys / 2) - 25, Keys / 2);
    }

    [Fact]
    public void TryEvict_AllKeysLfu_TakesTheLeastUsed()
    {
        using var store = Filled(MaxMemoryPolicy.AllKeysLfu);
        Touch(store, 0, Keys / 2, times: 30);
        EvictAQuarter(store);
        Assert.InRange(Left(store, 0, Keys / 2), (Keys / 2) - 25, Keys / 2);
    }

    [Fact]
    public void TryEvict_AllKeysRandom_TakesFromEverywhere()
    {
        using var store = Filled(MaxMemoryPolicy.AllKeysRandom);
        EvictAQuarter(store);
        Assert.InRange(Left(store, 0, Keys / 2), Keys * 3 / 10, Keys * 45 / 100);
    }

    [Fact]
    public void TryEvict_VolatileTtl_TakesWhatEndsFirst()
    {
        using var store = Filled(MaxMemoryPolicy.VolatileTtl);
        for (var i = 0; i < Keys; i++) store.Run($"EXPIRE key:{i} {(i < Keys / 2 ? 100_000 + i : 1000 + i)}");
        EvictAQuarter(store);
        Assert.InRange(Left(store, 0, Keys / 2), (Keys / 2) - 25, Keys / 2);
    }

    [Theory]
    [InlineData("VolatileLru")]
    [InlineData("VolatileLfu")]
    [InlineData("VolatileRandom")]
    [InlineData("VolatileTtl")]
    public void TryEvict_VolatilePolicies_SparesKeysWithoutExpire(string policy)
    {
        using var store = Filled(Enum.Parse<MaxMemoryPolicy>(policy));
        for (var i = 0; i < Keys / 2; i++) store.Run($"EXPIRE key:{i} 10000");
        EvictAQuarter(store);
        Assert.Equal(Keys / 2, Left(store, Keys / 2, Keys));
        store.Config.MaxMemoryBytes = 1;
        var outcome = EvictionOutcome.Unfinished;
        while (outcome == EvictionOutcome.Unfinished) outcome = store.Store.Evictor.TryEvict(store.Worker);
        Assert.Equal(EvictionOutcome.Failed, outcome);
        Assert.Equal((0, Keys / 2), (Left(store, 0, Keys / 2), Left(store, Keys / 2, Keys)));
    }

    [Theory]
    [InlineData("VolatileLru")]
    [InlineData("VolatileLfu")]
    public void TryEvict_VolatileLruAndLfu_ChooseByUse(string policy)
    {
        using var store = Filled(Enum.Parse<MaxMemoryPolicy>(policy));
        for (var i = 0; i < Keys; i++) store.Run($"EXPIRE key:{i} 10000");
        store.Time.Advance(TimeSpan.FromSeconds(100));
        store.Worker.RefreshClock();
        Touch(store, 0, Keys / 2, times: 30);
        EvictAQuarter(store);
        Assert.InRange(Left(store, 0, Keys / 2), (Keys / 2) - 25, Keys / 2);
    }

    [Fact]
    public void TryEvict_NoEviction_Fails()
    {
        using var store = Filled(MaxMemoryPolicy.NoEviction);
        store.Config.MaxMemoryBytes = 1;
        Assert.Equal(EvictionOutcome.Failed, store.Store.Evictor.TryEvict(store.Worker));
        Assert.Equal(Keys, Left(store, 0, Keys));
    }

    [Fact]
    public void TryEvict_KeysOfSeveralDatabases_TakesTheWorst()
    {
        using var store = Filled(MaxMemoryPolicy.AllKeysLru);
        store.Time.Advance(TimeSpan.FromSeconds(100));
        store.Worker.RefreshClock();
        var other = store.Connect();
        other.Database = 7;
        for (var i = 0; i < Keys; i++) other.Run($"SET key:{i} {new string('x', ValueBytes)}");
        EvictAQuarter(store);
        Assert.InRange(store.Store.CountKeys(7), Keys - 25, Keys);
    }

    [Fact]
    public void TryEvict_WhileClientsArePaused_LeavesTheData()
    {
        using var store = Filled(MaxMemoryPolicy.AllKeysLru);
        store.Config.MaxMemoryBytes = 1;
        store.Store.Pause.Start(PauseKind.Write, long.MaxValue, 0);
        Assert.Equal(EvictionOutcome.BelowLimit, store.Store.Evictor.TryEvict(store.Worker));
        Assert.Equal(Keys, Left(store, 0, Keys));
    }

    [Fact]
    public void TryEvict_BigSetStillToBeFreed_EvictsNothingForIt()
    {
        using var gate = new ManualResetEventSlim();
        using var store = Filled(MaxMemoryPolicy.AllKeysLru);
        store.Run(["SADD", "big", .. Enumerable.Range(0, 2 * LazyFree.MaxForegroundEffort).Select(i => $"member:{i}")]);
        MemoryReport.Refresh(store.Store, clientBytes: 0);
        store.Store.LazyFree.Enqueue(1, gate.Wait);
        try
        {
            store.Config.MaxMemoryBytes = MemoryReport.UsedBytes - (Keys / 4 * ValueBytes);
            Assert.True(store.Store.Evictor.IsOverLimit);
            store.Run("DEL big");
            Assert.True(MemoryReport.UsedBytes > store.Config.MaxMemoryBytes);
            Assert.Equal(EvictionOutcome.BelowLimit, store.Store.Evictor.TryEvict(store.Worker));
            Assert.Equal(Keys, Left(store, 0, Keys));
        }
        finally
        {
            gate.Set();
        }

        Assert.True(SpinWait.SpinUntil(() => store.Store.LazyFree.PendingCount == 0, TimeSpan.FromSeconds(20)));
        Assert.Equal(0, store.Store.LazyFree.PendingBytes);
        Assert.False(store.Store.Evictor.IsOverLimit);
    }

    [Fact]
    public void TryEvict_SampledKeysPersistedSince_AreSpared()
    {
        using var store = Filled(MaxMemoryPolicy.VolatileTtl);
        for (var i = 0; i < Keys; i++) store.Run($"EXPIRE key:{i} {1000 + i}");
        EvictAQuarter(store);
        for (var i = 0; i < Keys; i++) store.Run($"PERSIST key:{i}");
        var left = Left(store, 0, Keys);
        store.Config.MaxMemoryBytes = 1;
        Assert.Equal(EvictionOutcome.Failed, store.Store.Evictor.TryEvict(store.Worker));
        Assert.Equal(left, Left(store, 0, Keys));
    }

    [Fact]
    public void TryEvict_AnotherPolicyThanBefore_ForgetsItsCandidates()
    {
        using var store = Filled(MaxMemoryPolicy.VolatileTtl);
        store.Config.MaxMemorySamples = 64;
        for (var i = 0; i < Keys / 2; i++) store.Run($"EXPIRE key:{i} {1000 + i}");
        EvictAQuarter(store);
        store.Time.Advance(TimeSpan.FromSeconds(100));
        Touch(store, 0, Keys / 2, times: 1);
        var left = Left(store, 0, Keys / 2);
        store.Config.MaxMemoryPolicy = MaxMemoryPolicy.AllKeysLru;
        EvictAQuarter(store);
        Assert.Equal(left, Left(store, 0, Keys / 2));
    }

    // Keys that are all a while old.
    private static TestStore Filled(MaxMemoryPolicy policy)
    {
        var store = new TestStore(new ServerConfig { MaxMemoryPolicy = policy });
        for (var i = 0; i < Keys; i++) store.Run($"SET key:{i} {new string('x', ValueBytes)}");
        store.Time.Advance(TimeSpan.FromSeconds(100));
        store.Worker.RefreshClock();
        return store;
    }

    private static void Touch(TestStore store, int from, int to, int times)
    {
        for (var i = from; i < to; i++)
            for (var n = 0; n < times; n++) store.Run($"GET key:{i}");
    }

    private static void EvictAQuarter(TestStore store)
    {
        MemoryReport.Refresh(store.Store, clientBytes: 0);
        store.Config.MaxMemoryBytes = MemoryReport.UsedBytes - (Keys / 4 * SlabHeap.CapacityFor(ValueBytes));
        while (store.Store.Evictor.TryEvict(store.Worker) == EvictionOutcome.Unfinished)
        {
        }

        Assert.False(store.Store.Evictor.IsOverLimit);
        store.Config.MaxMemoryBytes = 0;
    }

    private static int Left(TestStore store, int from, int to)
    {
        var left = 0;
        for (var i = from; i < to; i++)
            if (store.Run($"EXISTS key:{i}") == ":1\r\n") left++;
        return left;
    }
}
