using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests;

public class StringCommandsTests
{
    private const string Ok = "+OK\r\n";
    private const string Null = "$-1\r\n";
    private const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

    [Fact]
    public void Get_MissingKey_RepliesNull()
    {
        using var store = new TestStore();
        Assert.Equal(Null, store.Run("GET missing"));
    }

    [Fact]
    public void Set_ThenGet_GivesTheValue()
    {
        using var store = new TestStore();
        Assert.Equal(Ok, store.Run("SET a hello"));
        Assert.Equal("$5\r\nhello\r\n", store.Run("GET a"));
    }

    [Theory]
    [InlineData("SET a x NX", Null, "old")]
    [InlineData("SET a x XX", Ok, "x")]
    [InlineData("SET b x XX", Null, null)]
    [InlineData("SET b x NX", Ok, "x")]
    [InlineData("SET a x GET", "$3\r\nold\r\n", "x")]
    [InlineData("SET b x GET", Null, "x")]
    [InlineData("SET a x NX GET", "$3\r\nold\r\n", "old")]
    [InlineData("SET b x NX GET", Null, "x")]
    [InlineData("set a x xx get get", "$3\r\nold\r\n", "x")]
    [InlineData("SET a x EX 10 EX 20", Ok, "x")]
    public void Set_WithConditions_DoesWhatTheyAllow(string line, string reply, string? after)
    {
        using var store = new TestStore();
        store.Run("SET a old");
        Assert.Equal(reply, store.Run(line));
        Assert.Equal(after == null ? Null : $"${after.Length}\r\n{after}\r\n", store.Run("GET", line.Split(' ')[1]));
    }

    [Theory]
    [InlineData("SET a x NX XX")]
    [InlineData("SET a x EX")]
    [InlineData("SET a x EX 1 PX 1")]
    [InlineData("SET a x KEEPTTL EX 1")]
    [InlineData("SET a x EX 1 KEEPTTL")]
    [InlineData("SET a x PERSIST")]
    [InlineData("SET a x FOO")]
    [InlineData("GETEX a KEEPTTL")]
    [InlineData("GETEX a EX 1 PERSIST")]
    [InlineData("GETEX a PERSIST EX 1")]
    [InlineData("GETEX a NX")]
    public void Options_ThatDoNotGoTogether_AreASyntaxError(string line)
    {
        using var store = new TestStore();
        Assert.Equal("-ERR syntax error\r\n", store.Run(line));
    }

    [Theory]
    [InlineData("SET a x EX 0", "set")]
    [InlineData("SET a x PX -1", "set")]
    [InlineData("SET a x EX 9223372036854775807", "set")]
    [InlineData("SET a x PX 9223372036854775807", "set")]
    [InlineData("SETEX a 0 x", "setex")]
    [InlineData("PSETEX a -5 x", "psetex")]
    [InlineData("GETEX there EX 0", "getex")]
    public void ExpireTime_NotPositiveOrTooLarge_IsRefused(string line, string command)
    {
        using var store = new TestStore();
        store.Run("SET there x");
        Assert.Equal($"-ERR invalid expire time in '{command}' command\r\n", store.Run(line));
        Assert.Equal(Null, store.Run("GET a"));
    }

    [Fact]
    public void Set_ExpireForms_SetTheSameEnd()
    {
        using var store = new TestStore();
        var nowMs = store.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var end = $":{nowMs + 50_000}\r\n";
        foreach (var form in new[] { "EX 50", "PX 50000", $"EXAT {(nowMs / 1000) + 50}", $"PXAT {nowMs + 50_000}" })
        {
            store.Run($"SET a x {form}");
            Assert.Equal(end, store.Run("PEXPIRETIME a"));
        }

        store.Run("SETEX b 50 x");
        Assert.Equal(end, store.Run("PEXPIRETIME b"));
        store.Run("PSETEX c 50000 x");
        Assert.Equal(end, store.Run("PEXPIRETIME c"));
    }

    [Fact]
    public void Set_KeepTtl_KeepsItAndPlainSetDropsIt()
    {
        using var store = new TestStore();
        store.Run("SET a x EX 100");
        store.Run("SET a a-longer-value-that-does-not-fit-in-place KEEPTTL");
        Assert.Equal(":100\r\n", store.Run("TTL a"));
        store.Run("SET a y");
        Assert.Equal(":-1\r\n", store.Run("TTL a"));
    }

    [Fact]
    public void Set_OverAnExpiredKey_IsANewKey()
    {
        var events = new RecordedEvents();
        using var store = new TestStore(new ServerConfig { KeyspaceEvents = KeyspaceEventClasses.All | KeyspaceEventClasses.New });
        store.Run("SET a x PX 10");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        store.Store.Events = events;
        Assert.Equal(Ok, store.Run("SET a y KEEPTTL"));
        Assert.Equal(["0 expired a", "0 new a", "0 set a"], events.All);
        Assert.Equal(":-1\r\n", store.Run("TTL a"));
    }

    [Fact]
    public void Set_WithExpire_ReportsSetThenExpire()
    {
        var events = new RecordedEvents();
        using var store = new TestStore(new ServerConfig { KeyspaceEvents = KeyspaceEventClasses.All });
        store.Store.Events = events;
        store.Run("SET a x EX 10");
        store.Run("GETEX a PERSIST");
        store.Run("GETEX a PERSIST");
        store.Run("GETEX a EXAT 1");
        store.Run("MSET a 1 b 2");
        store.Run("GETDEL a");
        Assert.Equal(["0 set a", "0 expire a", "0 persist a", "0 del a", "0 set a", "0 set b", "0 del a"], events.All);
    }

    [Fact]
    public void SetNx_OnlyMissingKey_IsSet()
    {
        using var store = new TestStore();
        Assert.Equal(":1\r\n", store.Run("SETNX a 1"));
        Assert.Equal(":0\r\n", store.Run("SETNX a 2"));
        Assert.Equal("$1\r\n1\r\n", store.Run("GET a"));
    }

    [Fact]
    public void GetSet_AndGetDel_GiveTheOldValue()
    {
        using var store = new TestStore();
        Assert.Equal(Null, store.Run("GETSET a 1"));
        Assert.Equal("$1\r\n1\r\n", store.Run("GETSET a 2"));
        Assert.Equal("$1\r\n2\r\n", store.Run("GETDEL a"));
        Assert.Equal(Null, store.Run("GETDEL a"));
    }

    [Fact]
    public void GetEx_SetsAndRemovesTheEnd()
    {
        using var store = new TestStore();
        store.Run("SET a x");
        Assert.Equal("$1\r\nx\r\n", store.Run("GETEX a EX 10"));
        Assert.Equal(":10\r\n", store.Run("TTL a"));
        Assert.Equal("$1\r\nx\r\n", store.Run("GETEX a PERSIST"));
        Assert.Equal(":-1\r\n", store.Run("TTL a"));
        Assert.Equal("$1\r\nx\r\n", store.Run("GETEX a PXAT 1"));
        Assert.Equal(":0\r\n", store.Run("EXISTS a"));
        Assert.Equal(Null, store.Run("GETEX a EX x"));
    }

    [Fact]
    public void MGet_MissingAndOtherTypes_AreNull()
    {
        using var store = new TestStore();
        store.Run("SET a 1");
        store.AddCollection("c");
        Assert.Equal("*4\r\n$1\r\n1\r\n$-1\r\n$-1\r\n$1\r\n1\r\n", store.Run("MGET a b c a"));
    }

    [Fact]
    public void MSet_OddArguments_AreRefused()
    {
        using var store = new TestStore();
        Assert.Equal("-ERR wrong number of arguments for 'mset' command\r\n", store.Run("MSET a 1 b"));
        Assert.Equal("-ERR wrong number of arguments for 'msetnx' command\r\n", store.Run("MSETNX a 1 b"));
    }

    [Fact]
    public void MSetNx_AnyKeyThere_SetsNothing()
    {
        using var store = new TestStore();
        Assert.Equal(":1\r\n", store.Run("MSETNX a 1 b 2"));
        Assert.Equal(":0\r\n", store.Run("MSETNX c 1 b 3"));
        Assert.Equal("*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n", store.Run("MGET a b c"));
        Assert.Equal(":1\r\n", store.Run("MSETNX d 1 d 2"));
        Assert.Equal("$1\r\n2\r\n", store.Run("GET d"));
    }

    [Theory]
    [InlineData("GETRANGE s 0 3", "This")]
    [InlineData("GETRANGE s -3 -1", "ing")]
    [InlineData("GETRANGE s 0 -1", "This is a string")]
    [InlineData("GETRANGE s 10 100", "string")]
    [InlineData("GETRANGE s 5 2", "")]
    [InlineData("GETRANGE s -1 -5", "")]
    [InlineData("GETRANGE s -100 -50", "T")]
    [InlineData("GETRANGE s 100 200", "")]
    [InlineData("GETRANGE s -9223372036854775808 9223372036854775807", "This is a string")]
    [InlineData("SUBSTR s 0 0", "T")]
    [InlineData("GETRANGE missing 0 -1", "")]
    public void GetRange_Bounds_AreClamped(string line, string part)
    {
        using var store = new TestStore();
        store.Run("SET", "s", "This is a string");
        Assert.Equal($"${part.Length}\r\n{part}\r\n", store.Run(line));
    }

    [Fact]
    public void SetRange_PadsWithZeros()
    {
        using var store = new TestStore();
        Assert.Equal(":0\r\n", store.Run("SETRANGE", "a", "5", ""));
        Assert.Equal(":0\r\n", store.Run("EXISTS a"));
        Assert.Equal(":5\r\n", store.Run("SETRANGE a 2 abc"));
        Assert.Equal("$5\r\n\0\0abc\r\n", store.Run("GET a"));
        Assert.Equal(":5\r\n", store.Run("SETRANGE a 1 x"));
        Assert.Equal(":9\r\n", store.Run("SETRANGE a 7 yz"));
        Assert.Equal("$9\r\n\0xabc\0\0yz\r\n", store.Run("GET a"));
        Assert.Equal("-ERR offset is out of range\r\n", store.Run("SETRANGE a -1 x"));
    }

    [Fact]
    public void Append_GrowsTheString()
    {
        using var store = new TestStore();
        Assert.Equal(":3\r\n", store.Run("APPEND a 100"));
        Assert.Equal("$3\r\nint\r\n", store.Run("OBJECT ENCODING a"));
        Assert.Equal(":5\r\n", store.Run("APPEND a xy"));
        Assert.Equal("$3\r\nraw\r\n", store.Run("OBJECT ENCODING a"));
        store.Run("EXPIRE a 100");
        var expected = "100xy";
        for (var i = 0; i < 200; i++)
        {
            expected += $"-{i}";
            Assert.Equal($":{expected.Length}\r\n", store.Run($"APPEND a -{i}"));
        }

        Assert.Equal($"${expected.Length}\r\n{expected}\r\n", store.Run("GET a"));
        Assert.Equal($":{expected.Length}\r\n", store.Run("STRLEN a"));
        Assert.Equal(":100\r\n", store.Run("TTL a"));
    }

    [Fact]
    public void Growth_BeyondTheLimit_IsRefused()
    {
        const string TooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
        using var store = new TestStore(new ServerConfig { ProtoMaxBulkLengthBytes = 1000 });
        store.Run("SET", "a", new string('x', 999));
        Assert.Equal(TooLong, store.Run("APPEND a xx"));
        Assert.Equal(":1000\r\n", store.Run("APPEND a x"));
        Assert.Equal(TooLong, store.Run("SETRANGE a 1000 x"));
        Assert.Equal(TooLong, store.Run("SETRANGE b 9223372036854775807 x"));
        Assert.Equal(":1000\r\n", store.Run("SETRANGE b 999 x"));
    }

    [Theory]
    [InlineData("GET c")]
    [InlineData("GETSET c x")]
    [InlineData("GETDEL c")]
    [InlineData("GETEX c EX 0")]
    [InlineData("SET c x GET")]
    [InlineData("APPEND c x")]
    [InlineData("STRLEN c")]
    [InlineData("GETRANGE c 0 1")]
    [InlineData("SETRANGE c 0 x")]
    [InlineData("INCR c")]
    [InlineData("INCRBYFLOAT c 1")]
    public void OtherType_IsRefused(string line)
    {
        using var store = new TestStore();
        store.AddCollection("c");
        Assert.Equal(WrongType, store.Run(line));
    }

    [Fact]
    public void Set_OverACollection_FreesIt()
    {
        using var store = new TestStore();
        var collection = store.AddCollection("c");
        Assert.Equal(Ok, store.Run("SET c x"));
        Assert.Equal(1, collection.FreeCount);
        Assert.Equal("+string\r\n", store.Run("TYPE c"));
    }

    [Theory]
    [InlineData("SET a 12345", "int")]
    [InlineData("SET a -9223372036854775808", "int")]
    [InlineData("SET a 9223372036854775808", "embstr")]
    [InlineData("SET a 0123", "embstr")]
    [InlineData("SET a -0", "embstr")]
    [InlineData("SET a 12345678901234567890123456789012345678901234", "embstr")]
    [InlineData("SET a 123456789012345678901234567890123456789012345", "raw")]
    [InlineData("SETRANGE a 0 12", "raw")]
    [InlineData("INCR a", "int")]
    [InlineData("INCRBYFLOAT a 3", "embstr")]
    public void ObjectEncoding_ShowsHowTheValueCame(string line, string encoding)
    {
        using var store = new TestStore();
        store.Run(line);
        Assert.Equal($"${encoding.Length}\r\n{encoding}\r\n", store.Run("OBJECT ENCODING a"));
    }
}
