using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;

namespace OrleansKv.Engine.Tests;

public class ExpireTests
{
    [Theory]
    [InlineData("EXPIRE a 100", 100_000)]
    [InlineData("PEXPIRE a 1500", 1500)]
    public void Expire_FromNow_SetsTheEnd(string line, int leftMs)
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        Assert.Equal(":1\r\n", store.Run(line));
        Assert.Equal($":{leftMs}\r\n", store.Run("PTTL a"));
        Assert.Equal($":{(leftMs + 500) / 1000}\r\n", store.Run("TTL a"));
        store.Time.Advance(TimeSpan.FromMilliseconds(leftMs - 1));
        Assert.Equal(":1\r\n", store.Run("EXISTS a"));
        store.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(":0\r\n", store.Run("EXISTS a"));
        Assert.Equal(":-2\r\n", store.Run("TTL a"));
    }

    [Fact]
    public void ExpireAt_BothUnits_SetTheEnd()
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        Assert.Equal(":-1\r\n", store.Run("EXPIRETIME a"));
        Assert.Equal(":-2\r\n", store.Run("PEXPIRETIME missing"));
        store.Run("EXPIREAT a 2222222222");
        Assert.Equal(":2222222222\r\n", store.Run("EXPIRETIME a"));
        store.Run("PEXPIREAT a 2222222222600");
        Assert.Equal(":2222222222600\r\n", store.Run("PEXPIRETIME a"));
        Assert.Equal(":2222222223\r\n", store.Run("EXPIRETIME a"));
    }

    [Theory]
    [InlineData("NX", false, 100, 200)]
    [InlineData("NX", true, 200, 100)]
    [InlineData("XX", true, 100, 200)]
    [InlineData("GT", true, 100, 200)]
    [InlineData("GT", true, 200, 100)]
    [InlineData("LT", true, 100, 200)]
    [InlineData("LT", true, 200, 100)]
    [InlineData("XX", false, 100, 200)]
    [InlineData("GT", false, 100, 200)]
    [InlineData("LT", false, 100, 200)]
    public void Expire_WithConditions_SetsWhereTheyHold(string condition, bool hasExpire, int present, int wanted)
    {
        using var store = new TestStore();
        store.Run("SET a 1" + (hasExpire ? $" EX {present}" : ""));
        var holds = condition switch
        {
            "NX" => !hasExpire,
            "XX" => hasExpire,
            "GT" => hasExpire && wanted > present,
            _ => !hasExpire || wanted < present,
        };
        Assert.Equal(holds ? ":1\r\n" : ":0\r\n", store.Run($"EXPIRE a {wanted} {condition}"));
        Assert.Equal($":{(holds ? wanted : hasExpire ? present : -1)}\r\n", store.Run("TTL a"));
    }

    [Theory]
    [InlineData("EXPIRE a 10 NX XX", "ERR NX and XX, GT or LT options at the same time are not compatible")]
    [InlineData("EXPIRE a 10 NX GT", "ERR NX and XX, GT or LT options at the same time are not compatible")]
    [InlineData("EXPIRE a 10 GT LT", "ERR GT and LT options at the same time are not compatible")]
    [InlineData("EXPIRE a x AB", "ERR Unsupported option AB")]
    [InlineData("EXPIRE a x", "ERR value is not an integer or out of range")]
    [InlineData("EXPIRE a 9223372036854775807", "ERR invalid expire time in 'expire' command")]
    [InlineData("EXPIRE a -9223372036854775807", "ERR invalid expire time in 'expire' command")]
    [InlineData("PEXPIRE a 9223372036854770000", "ERR invalid expire time in 'pexpire' command")]
    [InlineData("EXPIREAT a 9223372036854776", "ERR invalid expire time in 'expireat' command")]
    public void Expire_WrongArguments_AreRefused(string line, string error)
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        Assert.Equal($"-{error}\r\n", store.Run(line));
    }

    [Theory]
    [InlineData("EXPIRE a 0")]
    [InlineData("EXPIRE a -1")]
    [InlineData("PEXPIRE a -9223372036854775808")]
    [InlineData("PEXPIREAT a 1")]
    public void Expire_InThePast_RemovesTheKey(string line)
    {
        var events = new RecordedEvents();
        using var store = new TestStore(new ServerConfig { KeyspaceEvents = KeyspaceEventClasses.All });
        store.Run("SET a 1");
        store.Store.Events = events;
        Assert.Equal(":1\r\n", store.Run(line));
        Assert.Equal(":0\r\n", store.Run("DBSIZE"));
        Assert.Equal(["0 del a"], events.All);
    }

    [Fact]
    public void Persist_RemovesTheEnd()
    {
        using var store = new TestStore();
        store.Run("SET a 1 EX 100");
        Assert.Equal(":1\r\n", store.Run("PERSIST a"));
        Assert.Equal(":0\r\n", store.Run("PERSIST a"));
        Assert.Equal(":0\r\n", store.Run("PERSIST missing"));
        Assert.Equal(":-1\r\n", store.Run("TTL a"));
    }

    [Fact]
    public void Cycle_RemovesExpiredKeysOfEveryDatabase()
    {
        var events = new RecordedEvents();
        using var store = new TestStore(new ServerConfig { KeyspaceEvents = KeyspaceEventClasses.Expired });
        store.Store.Events = events;
        var other = store.ConnectTo(9);
        store.Run("MSET stays 1 {a}b 2");
        store.Run("SET a 1 PX 100");
        store.Run("SET later 1 PX 100000");
        other.Run("SET c 1 PX 100");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.ExpireAll();
        Assert.Equal(["0 expired a", "9 expired c"], events.All.Order(StringComparer.Ordinal));
        Assert.Equal(":3\r\n", store.Run("DBSIZE"));
        Assert.Equal(":0\r\n", other.Run("DBSIZE"));
        Assert.Equal(2, store.Store.Workers.Sum(worker => worker.Statistics.ExpiredKeys));
    }

    [Fact]
    public void Cycle_ManyKeysInOneSlot_RemovesThoseThatAreDue()
    {
        using var store = new TestStore(new ServerConfig { Hz = 1, ActiveExpireEffort = 10 });
        for (var i = 0; i < 3000; i++) store.Run($"SET {{t}}{i} x PX {(i % 3 == 0 ? 100_000 : 100 + i)}");
        for (var i = 0; i < 3000; i += 9) store.Run($"PERSIST {{t}}{i}");
        store.Time.Advance(TimeSpan.FromSeconds(6));
        store.ExpireAll();
        Assert.Equal(":1000\r\n", store.Run("DBSIZE"));
        var keyspace = store.Store.SlotOf("{t}"u8)[0];
        Assert.Equal(666, keyspace.VolatileCount);
        Assert.Equal(store.Time.GetUtcNow().ToUnixTimeMilliseconds() + 94_000, keyspace.EarliestExpireMs);
    }

    [Fact]
    public void Cycle_BetweenItsParts_ForgetsNoKey()
    {
        using var store = new TestStore();
        var keyspace = store.Store.SlotOf("{t}"u8)[0];
        for (var i = 0; i < 100; i++) store.Run($"SET {{t}}{i} x PX {100_000 + i}");
        var nowMs = store.Time.GetUtcNow().ToUnixTimeMilliseconds();
        List<nint> found = [];
        Assert.False(keyspace.CollectExpired(nowMs, 40, found));
        store.Run("SET {t}new x PX 50");
        store.Run("PEXPIRE {t}99 60");
        for (var i = 0; i < 50; i += 2) store.Run($"DEL {{t}}{i}");
        while (!keyspace.CollectExpired(nowMs, 40, found)) { }

        Assert.Empty(found);
        Assert.Equal(nowMs + 50, keyspace.EarliestExpireMs);
        while (!keyspace.CollectExpired(nowMs + 60, 1000, found)) { }

        Assert.Equal(2, found.Count);
    }

    [Fact]
    public void ExpiredKeys_ThatAreToStay_AreShownAsAbsentUntilAWrite()
    {
        using var store = new TestStore();
        store.Run("SET a 1 PX 10");
        store.Run("RPUSH b x");
        store.Run("PEXPIRE b 10");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.Store.Pause.Start(PauseKind.Write, long.MaxValue, 0);
        store.ExpireAll();
        Assert.Equal("$-1\r\n", store.Run("GET a"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", store.Run("SCAN 0 COUNT 100"));
        Assert.Contains(store.Run("RANDOMKEY"), new[] { "$1\r\na\r\n", "$1\r\nb\r\n" });
        Assert.Equal(":2\r\n", store.Run("DBSIZE"));
        Assert.Equal(":1\r\n", store.Run("RPUSH b y"));
        Assert.Equal(":-1\r\n", store.Run("TTL b"));
        store.Store.Pause.End();
        store.ExpireAll();
        Assert.Equal(":1\r\n", store.Run("DBSIZE"));
    }

    [Fact]
    public void Cycle_KeyspaceBeingResized_EndsUpWithOneTable()
    {
        using var store = new TestStore();
        for (var i = 0; i < 1100; i++) store.Run($"SET {{a}}{i} 1");
        var keyspace = store.Store.SlotOf("a"u8)[0];
        Assert.True(keyspace.IsRehashing);
        for (var visits = 100; visits > 0 && keyspace.IsRehashing; visits--) store.ExpireAll();
        Assert.False(keyspace.IsRehashing);
        Assert.Equal(2048, keyspace.BucketCount);
        for (var i = 0; i < 1100; i++) Assert.Equal(":1\r\n", store.Run($"EXISTS {{a}}{i}"));
    }

    [Fact]
    public void Cycle_OnATimerThatFails_IsReportedAndRunsAgain()
    {
        var config = new ServerConfig { KeyspaceEvents = KeyspaceEventClasses.Expired | KeyspaceEventClasses.KeyEvent };
        using var store = new TestStore(config);
        var errors = 0;
        store.Store.OnError = _ => Interlocked.Increment(ref errors);
        store.Store.Events = new FailingEvents();
        store.Run("SET a 1 PX 100");
        store.Run("SET b 1 PX 100");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.Store.ActiveExpiry.Start();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref errors) == 2, TimeSpan.FromSeconds(20)));
        Assert.Equal(0, store.Store.CountKeys(0));
    }

    [Fact]
    public void Cycle_OnATimer_RemovesAnUntouchedKey()
    {
        using var store = new TestStore();
        store.Run("SET a 1 PX 100");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.Store.ActiveExpiry.Start();
        Assert.True(SpinWait.SpinUntil(() => store.Store.CountKeys(0) == 0, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Start_ASecondTime_LeavesTheTimerAlone()
    {
        var time = new TimerCountingTime();
        using var store = new Store(new ServerConfig(), time);
        store.ActiveExpiry.Start();
        store.ActiveExpiry.Start();
        Assert.Equal(1, time.Changes);
    }

    private sealed class FailingEvents : IKeyspaceEvents
    {
        public void Publish(Worker worker, int database, KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key) =>
            throw new InvalidOperationException("no events");
    }

    // Its timers never fire.
    private sealed class TimerCountingTime : TimeProvider
    {
        public int Changes { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new CountingTimer(this);

        private sealed class CountingTimer(TimerCountingTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.Changes++;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
