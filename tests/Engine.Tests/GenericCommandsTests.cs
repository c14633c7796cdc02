using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Tests;

public class GenericCommandsTests
{
    private const string Ok = "+OK\r\n";

    [Theory]
    [InlineData("DEL")]
    [InlineData("UNLINK")]
    public void Del_CountsWhatWasThere(string command)
    {
        using var store = new TestStore();
        store.Run("MSET a 1 b 2");
        var collection = store.AddCollection("c");
        Assert.Equal(":3\r\n", store.Run($"{command} a missing b c a"));
        Assert.Equal(":0\r\n", store.Run("DBSIZE"));
        Assert.Equal(1, collection.FreeCount);
    }

    [Fact]
    public void Exists_CountsRepeatedKeys()
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        Assert.Equal(":2\r\n", store.Run("EXISTS a b a"));
        Assert.Equal(":2\r\n", store.Run("TOUCH a b a"));
    }

    [Fact]
    public void Type_NamesTheType()
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        store.AddCollection("c");
        Assert.Equal("+string\r\n", store.Run("TYPE a"));
        Assert.Equal("+hash\r\n", store.Run("TYPE c"));
        Assert.Equal("+none\r\n", store.Run("TYPE x"));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("{t}a", "{t}b")]
    public void Rename_MovesValueAndTimeToLive(string from, string to)
    {
        using var store = new TestStore();
        store.Run("SET", from, "12", "EX", "100");
        store.Run("SET", to, "old");
        Assert.Equal(Ok, store.Run("RENAME", from, to));
        Assert.Equal("$2\r\n12\r\n", store.Run("GET", to));
        Assert.Equal("$3\r\nint\r\n", store.Run("OBJECT", "ENCODING", to));
        Assert.Equal(":100\r\n", store.Run("TTL", to));
        Assert.Equal(":0\r\n", store.Run("EXISTS", from));
        Assert.Equal(":1\r\n", store.Run("DBSIZE"));
    }

    [Fact]
    public void Rename_OfACollection_KeepsTheObject()
    {
        using var store = new TestStore();
        var moved = store.AddCollection("a");
        var replaced = store.AddCollection("b");
        store.Run("EXPIRE a 100");
        Assert.Equal(Ok, store.Run("RENAME a b"));
        Assert.Same(moved, store.CollectionAt("b"));
        Assert.Equal((0, 1), (moved.FreeCount, replaced.FreeCount));
        Assert.Equal(":100\r\n", store.Run("TTL b"));
    }

    [Fact]
    public void Rename_KeepsTheAccessClock()
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        store.Time.Advance(TimeSpan.FromSeconds(10));
        var quiet = store.Connect();
        quiet.NoTouch = true;
        quiet.Run("RENAME a b");
        Assert.Equal(":10\r\n", store.Run("OBJECT IDLETIME b"));
    }

    [Fact]
    public void Rename_MissingSameOrTaken_RepliesAsRedis()
    {
        using var store = new TestStore();
        Assert.Equal("-ERR no such key\r\n", store.Run("RENAME a b"));
        Assert.Equal("-ERR no such key\r\n", store.Run("RENAMENX a a"));
        store.Run("MSET a 1 b 2");
        Assert.Equal(Ok, store.Run("RENAME a a"));
        Assert.Equal(":0\r\n", store.Run("RENAMENX a a"));
        Assert.Equal(":0\r\n", store.Run("RENAMENX a b"));
        Assert.Equal(":1\r\n", store.Run("RENAMENX a c"));
    }

    [Fact]
    public void Copy_CopiesAndLeavesTheSource()
    {
        using var store = new TestStore();
        var source = store.AddCollection("c");
        store.Run("SET a 1 EX 100");
        Assert.Equal(":1\r\n", store.Run("COPY a b"));
        Assert.Equal(":0\r\n", store.Run("COPY a b"));
        Assert.Equal(":1\r\n", store.Run("COPY c b REPLACE"));
        Assert.Equal(":1\r\n", store.Run("COPY a a DB 3"));
        Assert.Equal(1, source.CloneCount);
        Assert.NotSame(source, store.CollectionAt("b"));
        Assert.Equal(":100\r\n", store.ConnectTo(3).Run("TTL a"));
        Assert.Equal(":-1\r\n", store.Run("TTL b"));
        Assert.Equal(":0\r\n", store.Run("COPY missing x"));
    }

    [Theory]
    [InlineData("COPY a a", "ERR source and destination objects are the same")]
    [InlineData("COPY a b DB 16", "ERR DB index is out of range")]
    [InlineData("COPY a b DB -1", "ERR DB index is out of range")]
    [InlineData("COPY a b DB x", "ERR value is not an integer or out of range")]
    [InlineData("COPY a b DB 99999999999", "ERR value is out of range, value must between -2147483648 and 2147483647")]
    [InlineData("COPY a b DB", "ERR syntax error")]
    [InlineData("COPY a b FOO", "ERR syntax error")]
    [InlineData("MOVE a 0", "ERR source and destination objects are the same")]
    [InlineData("MOVE a 16", "ERR DB index is out of range")]
    [InlineData("MOVE a x", "ERR value is not an integer or out of range")]
    [InlineData("SWAPDB x 1", "ERR invalid first DB index")]
    [InlineData("SWAPDB 0 x", "ERR invalid second DB index")]
    [InlineData("SWAPDB 0 16", "ERR DB index is out of range")]
    [InlineData("FLUSHALL NOW", "ERR syntax error")]
    [InlineData("FLUSHDB ASYNC SYNC", "ERR syntax error")]
    [InlineData("SCAN x", "ERR invalid cursor")]
    [InlineData("SCAN 0 COUNT 0", "ERR syntax error")]
    [InlineData("SCAN 0 COUNT x", "ERR value is not an integer or out of range")]
    [InlineData("SCAN 0 TYPE", "ERR syntax error")]
    public void WrongArguments_AreRefused(string line, string error)
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        Assert.Equal($"-{error}\r\n", store.Run(line));
    }

    [Fact]
    public void Move_ToAnotherDatabase_OnlyWhereItIsFree()
    {
        using var store = new TestStore();
        var moved = store.AddCollection("c");
        store.Run("SET a 1 EX 100");
        Assert.Equal(":1\r\n", store.Run("MOVE a 9"));
        Assert.Equal(":1\r\n", store.Run("MOVE c 9"));
        Assert.Equal(":0\r\n", store.Run("MOVE a 9"));
        store.Run("SET a 2");
        Assert.Equal(":0\r\n", store.Run("MOVE a 9"));
        var other = store.ConnectTo(9);
        Assert.Equal("$1\r\n1\r\n", other.Run("GET a"));
        Assert.Equal(":100\r\n", other.Run("TTL a"));
        Assert.Same(moved, store.CollectionAt("c", 9));
        Assert.Equal(0, moved.FreeCount);
    }

    [Fact]
    public void Moves_ReportTheirEvents()
    {
        var events = new RecordedEvents();
        using var store = new TestStore(new ServerConfig { KeyspaceEvents = KeyspaceEventClasses.Generic });
        store.Run("SET a 1");
        store.Store.Events = events;
        store.Run("RENAME a b");
        store.Run("COPY b c");
        store.Run("COPY b c DB 2");
        store.Run("MOVE b 1");
        store.Run("DEL c");
        Assert.Equal(
            ["0 rename_from a", "0 rename_to b", "0 copy_to c", "2 copy_to c", "0 move_from b", "1 move_to b", "0 del c"], events.All);
    }

    [Fact]
    public void ObjectRefCount_SmallIntegersAreShared()
    {
        using var store = new TestStore();
        store.Run("MSET a 9999 b 10000 c x");
        Assert.Equal(":2147483647\r\n", store.Run("OBJECT REFCOUNT a"));
        Assert.Equal(":1\r\n", store.Run("OBJECT REFCOUNT b"));
        Assert.Equal(":1\r\n", store.Run("OBJECT REFCOUNT c"));
        Assert.Equal("$-1\r\n", store.Run("OBJECT REFCOUNT missing"));
    }

    [Fact]
    public void ObjectIdleTimeAndFreq_FollowThePolicy()
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        store.Time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(":7\r\n", store.Run("OBJECT IDLETIME a"));
        Assert.StartsWith("-ERR An LFU maxmemory policy is not selected", store.Run("OBJECT FREQ a"), StringComparison.Ordinal);
        store.Run("TOUCH a");
        Assert.Equal(":0\r\n", store.Run("OBJECT IDLETIME a"));
        store.Config.MaxMemoryPolicy = MaxMemoryPolicy.AllKeysLfu;
        store.Run("SET b 1");
        Assert.Equal(":5\r\n", store.Run("OBJECT FREQ b"));
        Assert.StartsWith("-ERR An LFU maxmemory policy is selected", store.Run("OBJECT IDLETIME a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FLUSHDB", 1)]
    [InlineData("FLUSHDB ASYNC", 1)]
    [InlineData("FLUSHALL SYNC", 0)]
    [InlineData("FLUSHALL ASYNC", 0)]
    public void Flush_EmptiesOneOrAllDatabases(string line, int leftInOther)
    {
        using var store = new TestStore();
        var other = store.ConnectTo(5);
        for (var i = 0; i < 100; i++) store.Run($"SET k{i} {i}");
        other.Run("SET a 1");
        Assert.Equal(Ok, store.Run(line));
        Assert.Equal(":0\r\n", store.Run("DBSIZE"));
        Assert.Equal($":{leftInOther}\r\n", other.Run("DBSIZE"));
        store.Run("SET k1 again");
        Assert.Equal("$5\r\nagain\r\n", store.Run("GET k1"));
    }

    [Fact]
    public void SwapDb_ExchangesContents()
    {
        using var store = new TestStore();
        var other = store.ConnectTo(7);
        store.Run("MSET a 1 b 2");
        other.Run("SET c 3");
        Assert.Equal(Ok, store.Run("SWAPDB 0 7"));
        Assert.Equal(":1\r\n", store.Run("DBSIZE"));
        Assert.Equal("$1\r\n3\r\n", store.Run("GET c"));
        Assert.Equal("$1\r\n2\r\n", other.Run("GET b"));
        Assert.Equal(Ok, store.Run("SWAPDB 0 0"));
        Assert.Equal("$1\r\n3\r\n", store.Run("GET c"));
    }

    [Theory]
    [InlineData("RENAME source list")]
    [InlineData("RENAMENX source list")]
    [InlineData("COPY source list")]
    [InlineData("SWAPDB 0 1")]
    public void WaitingCommand_IsServedByAListThatComes(string line)
    {
        using var store = new TestStore();
        store.Run("RPUSH source a b");
        store.ConnectTo(1).Run("RPUSH list a b");
        var waiting = store.Connect();
        waiting.Run("BLPOP list 0");
        Assert.Null(waiting.TakeServed());
        store.Run(line);
        Assert.Equal("*2\r\n$4\r\nlist\r\n$1\r\na\r\n", waiting.TakeServed());
        Assert.Equal("*1\r\n$1\r\nb\r\n", store.Run("LRANGE list 0 -1"));
    }

    [Fact]
    public void WaitingCommand_IsServedByAListThatIsMovedToItsDatabase()
    {
        using var store = new TestStore();
        var waiting = store.ConnectTo(2);
        waiting.Run("BLPOP list 0");
        store.Run("RPUSH list a");
        Assert.Equal(":1\r\n", store.Run("MOVE list 2"));
        Assert.Equal("*2\r\n$4\r\nlist\r\n$1\r\na\r\n", waiting.TakeServed());
        Assert.Equal(":0\r\n", waiting.Run("EXISTS list"));
    }

    [Theory]
    [InlineData("FLUSHDB", "there", true)]
    [InlineData("FLUSHALL", "there", true)]
    [InlineData("FLUSHDB", "missing", false)]
    [InlineData("SWAPDB 0 1", "there", true)]
    [InlineData("SWAPDB 1 0", "missing", false)]
    [InlineData("SWAPDB 1 2", "there", false)]
    [InlineData("RENAME there b", "there", true)]
    [InlineData("RENAME there missing", "missing", true)]
    [InlineData("COPY there missing", "there", false)]
    [InlineData("COPY there missing", "missing", true)]
    [InlineData("MOVE there 3", "there", true)]
    [InlineData("EXPIRE there 100", "there", true)]
    [InlineData("TOUCH there", "there", false)]
    public void Watch_SeesWhatHappensToItsKey(string line, string key, bool isDirty)
    {
        using var store = new TestStore();
        var state = new WatchState();
        store.Run("SET there 1");
        store.Store.Watch(0, System.Text.Encoding.ASCII.GetBytes(key), state, isExpired: false);
        store.Run(line);
        Assert.Equal(isDirty, state.IsDirty);
    }

    [Fact]
    public void Watch_OfAMissingKey_IsNotBrokenByAnExpiredOne()
    {
        using var store = new TestStore();
        var state = new WatchState();
        store.Run("SET a 1 PX 10");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.Store.Watch(1, "a"u8.ToArray(), state, isExpired: false);
        store.Run("SWAPDB 0 1");
        Assert.False(state.IsDirty);
        Assert.True(store.Store.WasExpired(1, "a"u8.ToArray(), state));
    }

    [Fact]
    public void Watch_OfAnExpiredKey_IsNotBrokenByItsRemoval()
    {
        using var store = new TestStore();
        var state = new WatchState();
        store.Run("SET a 1 PX 10");
        store.Run("SET b 1");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.Store.Watch(0, "a"u8.ToArray(), state, isExpired: true);
        store.Run("SWAPDB 0 1");
        store.Run("SWAPDB 0 1");
        Assert.False(state.IsDirty);
        store.Run("FLUSHALL");
        Assert.False(state.IsDirty);
        store.Run("SET a 2");
        Assert.True(state.IsDirty);
    }
}
