using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests;

public class SetCommandsTests
{
    private const int IntSetLimit = 8;
    private const int ListPackLimit = 4;

    private static ServerConfig SmallLimits => new()
    {
        SetMaxIntsetEntries = IntSetLimit, SetMaxListpackEntries = ListPackLimit, SetMaxListpackValueBytes = 5,
    };

    // Members that put a set into each encoding under the small limits.
    public static TheoryData<string, string> Encodings => new()
    {
        { "intset", "1 2 3" },
        { "listpack", "1 2 a" },
        { "hashtable", "1 2 3 4 a b" },
    };

    [Fact]
    public void SAdd_NewAndExisting_RepliesNewOnes()
    {
        using var store = new TestStore();
        Assert.Equal(":2\r\n", store.Run("sadd s a b a"));
        Assert.Equal(":1\r\n", store.Run("sadd s b c"));
        Assert.Equal(":3\r\n", store.Run("scard s"));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void BasicCommands_EachEncoding_Reply(string encoding, string members)
    {
        using var store = new TestStore(SmallLimits);
        var count = members.Split(' ').Length;
        Assert.Equal($":{count}\r\n", store.Run($"sadd s {members}"));
        Assert.Equal(encoding, store.EncodingOf("s"));
        Assert.Equal(":1\r\n", store.Run("sismember s 2"));
        Assert.Equal(":0\r\n", store.Run("sismember s x"));
        Assert.Equal(":0\r\n", store.Run("sismember s 02"));
        Assert.Equal("*3\r\n:0\r\n:1\r\n:0\r\n", store.Run("smismember s 9 1 zz"));
        Assert.Equal(members, string.Join(' ', store.Bulks("smembers s").Order(StringComparer.Ordinal)));
        Assert.Equal(members, string.Join(' ', store.Bulks("sscan s 0 count 100").Skip(1).Order(StringComparer.Ordinal)));
        Assert.Equal(":1\r\n", store.Run("srem s 1 x"));
        Assert.Equal($":{count - 1}\r\n", store.Run($"srem s {members}"));
        Assert.Equal(0, store.Store.CountKeys(0));
    }

    [Fact]
    public void SAdd_GrowingSets_ConvertAsRedis()
    {
        using var store = new TestStore(SmallLimits);
        for (var i = 0; i < IntSetLimit; i++) store.Run($"sadd ints {i}");
        Assert.Equal("intset", store.EncodingOf("ints"));
        store.Run("sadd ints 100");
        Assert.Equal("hashtable", store.EncodingOf("ints"));
        store.Run("sadd texts a b c d");
        Assert.Equal("listpack", store.EncodingOf("texts"));
        store.Run("sadd texts a");
        Assert.Equal("listpack", store.EncodingOf("texts"));
        store.Run("sadd texts e");
        Assert.Equal("hashtable", store.EncodingOf("texts"));
        store.Run("sadd long abcdef");
        Assert.Equal("hashtable", store.EncodingOf("long"));
        store.Run("sadd mixed 1 2 3");
        store.Run("sadd mixed abcdef");
        Assert.Equal("hashtable", store.EncodingOf("mixed"));
        Assert.Equal(4, store.Bulks("smembers mixed").Length);
    }

    [Fact]
    public void SAdd_IntegersOfAllWidths_SortedAndFound()
    {
        using var store = new TestStore();
        long[] integers = [5, -3, 70_000, -70_000, 5_000_000_000, long.MaxValue, long.MinValue, 0, 32_767, -32_768];
        foreach (var integer in integers) Assert.Equal(":1\r\n", store.Run($"sadd s {integer}"));
        foreach (var integer in integers) Assert.Equal(":0\r\n", store.Run($"sadd s {integer}"));
        Assert.Equal("intset", store.EncodingOf("s"));
        Assert.Equal(integers.Order(), store.Bulks("smembers s").Select(long.Parse));
        foreach (var integer in integers) Assert.Equal(":1\r\n", store.Run($"srem s {integer}"));
    }

    [Fact]
    public void SMove_Members_MovesAndReports()
    {
        using var store = new TestStore();
        store.Run("sadd a 1 x");
        Assert.Equal(":1\r\n", store.Run("smove a b x"));
        Assert.Equal(":0\r\n", store.Run("smove a b nosuch"));
        Assert.Equal(":1\r\n", store.Run("smove a a 1"));
        Assert.Equal(":1\r\n", store.Run("smove a b 1"));
        Assert.Equal(":0\r\n", store.Run("smove a b 1"));
        Assert.Equal(1, store.Store.CountKeys(0));
        store.Run("set k v");
        Assert.StartsWith("-WRONGTYPE", store.Run("smove b k 1"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGTYPE", store.Run("smove k b 1"), StringComparison.Ordinal);
        Assert.Equal(":0\r\n", store.Run("smove none k 1"));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void SPop_One_RemovesWhatItReplies(string encoding, string members)
    {
        using var store = new TestStore(SmallLimits);
        store.Run($"sadd s {members}");
        Assert.Equal(encoding, store.EncodingOf("s"));
        var popped = new List<string>();
        while (store.Bulks("spop s") is [var member]) popped.Add(member);
        Assert.Equal(members.Split(' '), popped.Order(StringComparer.Ordinal));
        Assert.Equal(0, store.Store.CountKeys(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(95)]
    [InlineData(100)]
    [InlineData(1000)]
    public void SPop_Count_PartsTheSet(int count)
    {
        foreach (var kind in new[] { "{0}", "m{0}" })
        {
            using var store = new TestStore(new ServerConfig { SetMaxIntsetEntries = 50 });
            var members = Enumerable.Range(0, 100).Select(i => kind.Replace("{0}", $"{i}", StringComparison.Ordinal)).ToArray();
            store.Run(["sadd", "s", .. members]);
            var popped = store.Bulks($"spop s {count}");
            Assert.Equal(Math.Min(count, 100), popped.Length);
            Assert.Equal(members.Order(), popped.Concat(store.Bulks("smembers s")).Order());
        }
    }

    [Theory]
    [InlineData("spop s -1", "-ERR value is out of range, must be positive")]
    [InlineData("spop s x", "-ERR value is out of range, must be positive")]
    [InlineData("spop s 1 2", "-ERR syntax error")]
    [InlineData("spop none", "$-1")]
    [InlineData("spop none 2", "*0")]
    [InlineData("spop s 0", "*0")]
    [InlineData("srandmember s 1 2", "-ERR syntax error")]
    [InlineData("srandmember none", "$-1")]
    [InlineData("srandmember none 2", "*0")]
    [InlineData("srandmember s -9223372036854775808",
        "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")]
    [InlineData("sintercard 0 s", "-ERR numkeys should be greater than 0")]
    [InlineData("sintercard x s", "-ERR numkeys should be greater than 0")]
    [InlineData("sintercard 2 s", "-ERR Number of keys can't be greater than number of args")]
    [InlineData("sintercard 1 s limit", "-ERR syntax error")]
    [InlineData("sintercard 1 s limit -1", "-ERR LIMIT can't be negative")]
    [InlineData("sintercard 1 s foo 1", "-ERR syntax error")]
    public void OptionsAndEmpties_AsRedis(string line, string reply)
    {
        using var store = new TestStore();
        store.Run("sadd s 1 2 3");
        Assert.Equal(reply + "\r\n", store.Run(line));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(50)]
    [InlineData(99)]
    [InlineData(500)]
    public void SRandMember_Count_DistinctMembers(int count)
    {
        foreach (var kind in new[] { "{0}", "m{0}", "some-longer-member-that-makes-a-hash-table-of-the-set-which-holds-it:{0}" })
        {
            using var store = new TestStore();
            var members = Enumerable.Range(0, 100).Select(i => kind.Replace("{0}", $"{i}", StringComparison.Ordinal)).ToArray();
            store.Run(["sadd", "s", .. members]);
            var picked = store.Bulks($"srandmember s {count}");
            Assert.Equal(Math.Min(count, 100), picked.Length);
            Assert.Equal(picked.Length, picked.Distinct().Count());
            Assert.Subset(members.ToHashSet(), picked.ToHashSet());
            Assert.Equal(count, store.Bulks($"srandmember s -{count}").Length);
            Assert.Equal(":100\r\n", store.Run("scard s"));
        }
    }

    // 64 members, 64,000 picks: a fair choice stays under 120 but once in 10,000 runs.
    [Theory]
    [InlineData(128)]
    [InlineData(0)]
    public void SRandMember_ManyPicks_EveryMemberAsOften(int listpackEntries)
    {
        using var store = new TestStore(new ServerConfig { SetMaxListpackEntries = listpackEntries });
        store.Run(["sadd", "s", .. Enumerable.Range(0, 64).Select(i => $"m{i}")]);
        var picks = store.Bulks("srandmember s -64000").GroupBy(member => member).Select(group => (double)group.Count());
        Assert.InRange(picks.Sum(count => (count - 1000) * (count - 1000) / 1000), 0, 120);
    }

    [Fact]
    public void Operations_ThreeSets_RightMembers()
    {
        using var store = new TestStore(SmallLimits);
        store.Run("sadd a 1 2 3 4 5 x y");
        store.Run("sadd b 2 3 x");
        store.Run("sadd c 3 9");
        Assert.Equal("3", store.Sorted("sinter a b c"));
        Assert.Equal("2 3 x", store.Sorted("sinter a b"));
        Assert.Equal("2 3 x", store.Sorted("sinter b a"));
        Assert.Equal("1 2 3 4 5 9 x y", store.Sorted("sunion a b c none"));
        Assert.Equal("1 4 5 y", store.Sorted("sdiff a b c none"));
        Assert.Equal("9", store.Sorted("sdiff c a b"));
        Assert.Equal("", store.Sorted("sdiff a c a"));
        Assert.Equal("", store.Sorted("sdiff none a"));
        Assert.Equal("", store.Sorted("sinter a none"));
        Assert.Equal(":3\r\n", store.Run("sintercard 2 a b"));
        Assert.Equal(":2\r\n", store.Run("sintercard 2 a b limit 2"));
        Assert.Equal(":0\r\n", store.Run("sintercard 2 a none"));
    }

    // Just behind a power of two the hash table is moving to more buckets, one with each search.
    [Fact]
    public void Operations_SameSetTwiceWhileItGrows_AllMembers()
    {
        using var store = new TestStore();
        store.Run(["sadd", "other", .. Enumerable.Range(0, 2000).Select(i => $"m{i}")]);
        for (var i = 0; i < 1030; i++) store.Run($"sadd s m{i}");
        Assert.Equal(1030, store.Bulks("sinter s s s").Distinct().Count());
        Assert.Equal(":1030\r\n", store.Run("sintercard 3 s other s"));
        Assert.Equal(":1030\r\n", store.Run("sunionstore s s s"));
    }

    [Fact]
    public void SDiff_ManySmallSets_RemovalWayIsRight()
    {
        using var store = new TestStore();
        store.Run(["sadd", "a", .. Enumerable.Range(0, 300).Select(i => $"{i}")]);
        for (var i = 0; i < 10; i++) store.Run($"sadd b{i} {i} text{i}");
        var names = string.Join(' ', Enumerable.Range(0, 10).Select(i => $"b{i}"));
        Assert.Equal(290, store.Bulks($"sdiff a {names}").Length);
        Assert.Equal(":290\r\n", store.Run($"sdiffstore d a {names}"));
    }

    [Fact]
    public void Stores_Results_EncodingsAsRedis()
    {
        using var store = new TestStore();
        store.Run("sadd ints 1 2 3");
        store.Run("sadd texts 1 2 a");
        Assert.Equal(":2\r\n", store.Run("sinterstore d texts ints"));
        Assert.Equal("intset", store.EncodingOf("d"));
        Assert.Equal(":4\r\n", store.Run("sunionstore d texts ints"));
        Assert.Equal("listpack", store.EncodingOf("d"));
        Assert.Equal(":1\r\n", store.Run("sdiffstore d ints texts"));
        Assert.Equal("intset", store.EncodingOf("d"));
    }

    [Fact]
    public void Stores_EmptyOrOverOtherType_ReplaceTheKey()
    {
        using var store = new TestStore();
        store.Run("sadd a 1 2");
        store.Run("set d v");
        Assert.Equal(":2\r\n", store.Run("sunionstore d a none"));
        Assert.Equal("1 2", store.Sorted("smembers d"));
        Assert.Equal(":0\r\n", store.Run("sinterstore d a none"));
        Assert.Equal(":0\r\n", store.Run("scard d"));
        Assert.Equal(1, store.Store.CountKeys(0));
        Assert.Equal(":2\r\n", store.Run("sunionstore a a"));
        Assert.Equal("1 2", store.Sorted("smembers a"));
        store.Run("set k v");
        Assert.StartsWith("-WRONGTYPE", store.Run("sinterstore a none k"), StringComparison.Ordinal);
        Assert.Equal(":2\r\n", store.Run("scard a"));
    }

    [Fact]
    public void SMembers_Resp3_Set()
    {
        using var store = new TestStore();
        var client = store.Connect();
        client.Resp3 = true;
        client.Run("sadd s a");
        Assert.Equal("~1\r\n$1\r\na\r\n", client.Run("smembers s"));
        Assert.Equal("~1\r\n$1\r\na\r\n", client.Run("sinter s"));
        Assert.Equal("~0\r\n", client.Run("sunion none"));
        Assert.Equal("*1\r\n$1\r\na\r\n", client.Run("srandmember s 5"));
        Assert.Equal("~1\r\n$1\r\na\r\n", client.Run("spop s 5"));
    }

    [Fact]
    public void SScan_BigSet_GivesEveryMember()
    {
        using var store = new TestStore();
        for (var i = 0; i < 1000; i++) store.Run($"sadd s member:{i}");
        var seen = new HashSet<string>();
        var cursor = "0";
        do
        {
            var bulks = store.Bulks($"sscan s {cursor}");
            cursor = bulks[0];
            seen.UnionWith(bulks.Skip(1));
        }
        while (cursor != "0");
        Assert.Equal(1000, seen.Count);
    }
}
