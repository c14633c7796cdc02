using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests;

public class HashCommandsTests
{
    [Fact]
    public void HSet_NewAndExistingFields_RepliesNewOnes()
    {
        using var store = new TestStore();
        Assert.Equal(":2\r\n", store.Run("hset h a 1 b 2"));
        Assert.Equal(":1\r\n", store.Run("hset h b 3 c 4"));
        Assert.Equal("$1\r\n3\r\n", store.Run("hget h b"));
    }

    [Theory]
    [InlineData("hset h a")]
    [InlineData("hset h a 1 b")]
    [InlineData("hmset h a 1 b")]
    public void HSet_FieldWithoutValue_WrongArity(string line)
    {
        using var store = new TestStore();
        Assert.Equal($"-ERR wrong number of arguments for '{line.Split(' ')[0]}' command\r\n", store.Run(line));
        Assert.Equal(":0\r\n", store.Run("hlen h"));
    }

    [Fact]
    public void HMSet_Fields_RepliesOk()
    {
        using var store = new TestStore();
        Assert.Equal("+OK\r\n", store.Run("hmset h a 1 b 2"));
        Assert.Equal("*3\r\n$1\r\n2\r\n$-1\r\n$1\r\n1\r\n", store.Run("hmget h b x a"));
    }

    [Fact]
    public void HMGet_NoKey_RepliesNulls()
    {
        using var store = new TestStore();
        Assert.Equal("*2\r\n$-1\r\n$-1\r\n", store.Run("hmget none a b"));
    }

    [Fact]
    public void HSetNx_ExistingField_KeepsValue()
    {
        using var store = new TestStore();
        Assert.Equal(":1\r\n", store.Run("hsetnx h a 1"));
        Assert.Equal(":0\r\n", store.Run("hsetnx h a 2"));
        Assert.Equal("$1\r\n1\r\n", store.Run("hget h a"));
    }

    [Fact]
    public void HDel_LastField_RemovesKey()
    {
        using var store = new TestStore();
        store.Run("hset h a 1 b 2 c 3");
        Assert.Equal(":1\r\n", store.Run("hdel h a x"));
        Assert.Equal(":2\r\n", store.Run("hdel h b c b"));
        Assert.Equal(0, store.Store.CountKeys(0));
        Assert.Equal(":0\r\n", store.Run("hdel h a"));
    }

    [Fact]
    public void HLenHStrLenHExists_PresentAndMissing_Reply()
    {
        using var store = new TestStore();
        store.Run("hset h a hello n -12345");
        Assert.Equal(":2\r\n", store.Run("hlen h"));
        Assert.Equal(":5\r\n", store.Run("hstrlen h a"));
        Assert.Equal(":6\r\n", store.Run("hstrlen h n"));
        Assert.Equal(":0\r\n", store.Run("hstrlen h x"));
        Assert.Equal(":1\r\n", store.Run("hexists h a"));
        Assert.Equal(":0\r\n", store.Run("hexists none a"));
    }

    [Fact]
    public void HGetAll_Resp2And3_ArrayAndMap()
    {
        using var store = new TestStore();
        var client = store.Connect();
        store.Run("hset h a 1");
        Assert.Equal("*2\r\n$1\r\na\r\n$1\r\n1\r\n", client.Run("hgetall h"));
        Assert.Equal("*1\r\n$1\r\na\r\n", client.Run("hkeys h"));
        Assert.Equal("*1\r\n$1\r\n1\r\n", client.Run("hvals h"));
        Assert.Equal("*0\r\n", client.Run("hgetall none"));
        client.Resp3 = true;
        Assert.Equal("%1\r\n$1\r\na\r\n$1\r\n1\r\n", client.Run("hgetall h"));
        Assert.Equal("%0\r\n", client.Run("hgetall none"));
    }

    [Theory]
    [InlineData("hget k f")]
    [InlineData("hset k f v")]
    [InlineData("hincrby k f 1")]
    [InlineData("hincrbyfloat k f 1")]
    [InlineData("hgetall k")]
    [InlineData("hscan k 0")]
    [InlineData("hrandfield k")]
    public void AnyHashCommand_String_WrongType(string line)
    {
        using var store = new TestStore();
        store.Run("set k v");
        Assert.StartsWith("-WRONGTYPE ", store.Run(line), StringComparison.Ordinal);
    }

    [Fact]
    public void HIncrBy_Values_SumsAndErrors()
    {
        using var store = new TestStore();
        Assert.Equal(":5\r\n", store.Run("hincrby h n 5"));
        Assert.Equal(":-2\r\n", store.Run("hincrby h n -7"));
        Assert.Equal("-ERR value is not an integer or out of range\r\n", store.Run("hincrby h n x"));
        store.Run("hset h s text max 9223372036854775807");
        Assert.Equal("-ERR hash value is not an integer\r\n", store.Run("hincrby h s 1"));
        Assert.Equal("-ERR increment or decrement would overflow\r\n", store.Run("hincrby h max 1"));
        Assert.Equal("-ERR increment or decrement would overflow\r\n", store.Run("hincrby h n -9223372036854775808"));
    }

    [Fact]
    public void HIncrByFloat_Values_SumsAndErrors()
    {
        using var store = new TestStore();
        Assert.Equal("$4\r\n10.5\r\n", store.Run("hincrbyfloat h f 10.5"));
        Assert.Equal("$4\r\n10.6\r\n", store.Run("hincrbyfloat h f 0.1"));
        Assert.Equal("$10\r\n5000000000\r\n", store.Run("hincrbyfloat h g 5.0e9"));
        Assert.Equal("-ERR value is not a valid float\r\n", store.Run("hincrbyfloat h f x"));
        Assert.Equal("-ERR value is NaN or Infinity\r\n", store.Run("hincrbyfloat h f inf"));
        store.Run("hset h s text");
        Assert.Equal("-ERR hash value is not a float\r\n", store.Run("hincrbyfloat h s 1"));
    }

    [Fact]
    public void HSet_ManyOrLongFields_BecomesHashTable()
    {
        using var store = new TestStore(new ServerConfig { HashMaxListpackEntries = 3, HashMaxListpackValueBytes = 5 });
        for (var i = 0; i < 3; i++) store.Run($"hset many f{i} {i}");
        Assert.Equal("listpack", store.EncodingOf("many"));
        store.Run("hset many f1 new");
        Assert.Equal("listpack", store.EncodingOf("many"));
        store.Run("hset many f3 3");
        Assert.Equal("hashtable", store.EncodingOf("many"));
        Assert.Equal("$3\r\nnew\r\n", store.Run("hget many f1"));
        store.Run("hset long f 1");
        store.Run("hset long f 123456");
        Assert.Equal("hashtable", store.EncodingOf("long"));
        Assert.Equal("$6\r\n123456\r\n", store.Run("hget long f"));
        store.Run("hincrbyfloat float f 0.12345");
        Assert.Equal("hashtable", store.EncodingOf("float"));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(0)]
    public void HSet_ValuesOfAllLengths_ReadBack(int maxEntries)
    {
        using var store = new TestStore(new ServerConfig { HashMaxListpackEntries = maxEntries });
        foreach (var length in new[] { 1, 64, 3, 0, 10_000, 20, 200_000, 1 })
        {
            store.Run("hset", "h", "field", new string('x', length));
            Assert.Equal($"${length}\r\n{new string('x', length)}\r\n", store.Run("hget h field"));
        }
    }

    [Fact]
    public void HScan_BigHash_GivesEveryFieldOnce()
    {
        using var store = new TestStore();
        for (var i = 0; i < 1000; i++) store.Run($"hset h field:{i} {i}");
        var seen = new HashSet<string>();
        var cursor = "0";
        do
        {
            var lines = store.Run($"hscan h {cursor} count 50").Split("\r\n");
            cursor = lines[2];
            for (var i = 5; i < lines.Length; i += 4) seen.Add(lines[i]);
        }
        while (cursor != "0");
        Assert.Equal(1000, seen.Count);
    }

    [Fact]
    public void HScan_Options_FilterAndErrors()
    {
        using var store = new TestStore();
        store.Run("hset h aa 1 ab 2 b 3");
        Assert.Equal("*2\r\n$1\r\n0\r\n*4\r\n$2\r\naa\r\n$1\r\n1\r\n$2\r\nab\r\n$1\r\n2\r\n", store.Run("hscan h 0 match a* count 1"));
        Assert.Equal("-ERR syntax error\r\n", store.Run("hscan h 0 count 0"));
        Assert.Equal("-ERR value is not an integer or out of range\r\n", store.Run("hscan h 0 count x"));
        Assert.Equal("-ERR syntax error\r\n", store.Run("hscan h 0 foo"));
        Assert.Equal("-ERR invalid cursor\r\n", store.Run("hscan none x"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", store.Run("hscan none 0 foo"));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(0)]
    public void HRandField_Counts_DistinctOrRepeated(int maxEntries)
    {
        using var store = new TestStore(new ServerConfig { HashMaxListpackEntries = maxEntries });
        for (var i = 0; i < 20; i++) store.Run($"hset h f{i} {i}");
        foreach (var count in new[] { 1, 3, 10, 19, 20, 100 })
        {
            var fields = store.Run($"hrandfield h {count}").Split("\r\n").Where(line => line.StartsWith('f')).ToArray();
            Assert.Equal(Math.Min(count, 20), fields.Length);
            Assert.Equal(fields.Length, fields.Distinct().Count());
        }

        Assert.StartsWith("*50\r\n", store.Run("hrandfield h -50"), StringComparison.Ordinal);
        Assert.StartsWith("*6\r\n", store.Run("hrandfield h 3 withvalues"), StringComparison.Ordinal);
        Assert.StartsWith("$", store.Run("hrandfield h"), StringComparison.Ordinal);
        var client = store.Connect();
        client.Resp3 = true;
        Assert.StartsWith("*3\r\n*2\r\n$", client.Run("hrandfield h 3 withvalues"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hrandfield h x", "-ERR value is not an integer or out of range")]
    [InlineData("hrandfield h 1 foo", "-ERR syntax error")]
    [InlineData("hrandfield h 1 withvalues 2", "-ERR syntax error")]
    [InlineData("hrandfield h 9223372036854775807 withvalues", "-ERR value is out of range")]
    [InlineData("hrandfield none", "$-1")]
    [InlineData("hrandfield none 3", "*0")]
    [InlineData("hrandfield h 0", "*0")]
    public void HRandField_ErrorsAndEmpties_AsRedis(string line, string reply)
    {
        using var store = new TestStore();
        store.Run("hset h a 1");
        Assert.Equal(reply + "\r\n", store.Run(line));
    }
}
