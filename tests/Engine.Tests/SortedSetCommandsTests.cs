using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Tests;

[Collection(NativeMemoryCollection.Name)]
public sealed class SortedSetCommandsTests : IDisposable
{
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    private string Run(string line) => _store.Run(line).Replace("\r\n", " ").TrimEnd();

    // The bulk strings of a flat reply, joined.
    private string Items(string line) =>
        string.Join(' ', _store.Run(line).Split("\r\n").Where(part => part.Length > 0 && part[0] is not ('$' or '*')));

    private void Fill(int count)
    {
        for (var i = 0; i < count; i++) Run($"ZADD z {i} m{i:D3}");
    }

    [Fact]
    public void ZAdd_NewAndExistingMembers_CountsTheNew()
    {
        Assert.Equal(":2", Run("ZADD z 1 a 2 b"));
        Assert.Equal(":1", Run("ZADD z 3 a 4 c"));
        Assert.Equal("b 2 a 3 c 4", Items("ZRANGE z 0 -1 WITHSCORES"));
    }

    [Theory]
    [InlineData("NX 5 a 5 n", ":1", "a 1 b 2 n 5")]
    [InlineData("XX 5 a 5 n", ":0", "b 2 a 5")]
    [InlineData("XX CH 5 a 5 n", ":1", "b 2 a 5")]
    [InlineData("CH 1 a 3 b 1 n", ":2", "a 1 n 1 b 3")]
    [InlineData("GT CH 0 a 3 b 1 n", ":2", "a 1 n 1 b 3")]
    [InlineData("LT CH 0 a 3 b 1 n", ":2", "a 0 n 1 b 2")]
    [InlineData("INCR 2.5 a", "$3 3.5", "b 2 a 3.5")]
    [InlineData("NX INCR 2.5 a", "$-1", "a 1 b 2")]
    [InlineData("XX INCR 2.5 n", "$-1", "a 1 b 2")]
    [InlineData("GT INCR -1 a", "$-1", "a 1 b 2")]
    [InlineData("NX XX 1 a", "-ERR XX and NX options at the same time are not compatible", "a 1 b 2")]
    [InlineData("NX GT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible", "a 1 b 2")]
    [InlineData("INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair", "a 1 b 2")]
    [InlineData("1 a 2", "-ERR syntax error", "a 1 b 2")]
    [InlineData("CH 1", "-ERR syntax error", "a 1 b 2")]
    [InlineData("5 a x b", "-ERR value is not a valid float", "a 1 b 2")]
    [InlineData("nan a", "-ERR value is not a valid float", "a 1 b 2")]
    [InlineData("1e400 a", "-ERR value is not a valid float", "a 1 b 2")]
    [InlineData("1e-400 a", "-ERR value is not a valid float", "a 1 b 2")]
    [InlineData("0e-400 a", ":0", "a 0 b 2")]
    [InlineData("1e-310 a", ":0", "a 9.9999999999999694e-311 b 2")]
    [InlineData("0x10 a", ":0", "b 2 a 16")]
    [InlineData("-inf a +Infinity b", ":0", "a -inf b inf")]
    public void ZAdd_Options_DoWhatTheySay(string arguments, string reply, string after)
    {
        Run("ZADD z 1 a 2 b");
        Assert.Equal(reply, Run("ZADD z " + arguments));
        Assert.Equal(after, Items("ZRANGE z 0 -1 WITHSCORES"));
    }

    [Fact]
    public void ZAdd_XxOnMissingKey_MakesNoKey()
    {
        Assert.Equal(":0", Run("ZADD z XX 1 a"));
        Assert.Equal("$-1", Run("ZADD z XX INCR 1 a"));
        Assert.Equal(":0", Run("ZCARD z"));
    }

    [Fact]
    public void ZIncrBy_InfinityAndItsOpposite_IsNotANumber()
    {
        Assert.Equal("$3 inf", Run("ZINCRBY z +inf a"));
        Assert.Equal("-ERR resulting score is not a number (NaN)", Run("ZINCRBY z -inf a"));
        Assert.Equal("$3 inf", Run("ZSCORE z a"));
    }

    [Theory]
    [InlineData("ZADD")]
    [InlineData("ZREM s")]
    [InlineData("ZRANGE s 0")]
    public void Commands_TooFewArguments_AreRefused(string line) =>
        Assert.StartsWith("-ERR wrong number of arguments", Run(line), StringComparison.Ordinal);

    [Theory]
    [InlineData("ZADD s 1 a")]
    [InlineData("ZSCORE s a")]
    [InlineData("ZRANGE s 0 -1")]
    [InlineData("ZRANGESTORE d s 0 -1")]
    [InlineData("ZUNION 1 s")]
    [InlineData("ZPOPMIN s")]
    [InlineData("BZPOPMIN s 0")]
    [InlineData("ZMPOP 1 s MIN")]
    [InlineData("ZSCAN s 0")]
    [InlineData("ZRANDMEMBER s 1")]
    public void Commands_OnAString_AreWrongType(string line)
    {
        Run("SET s text");
        Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value", Run(line));
    }

    [Fact]
    public void ZRem_LastMember_RemovesTheKey()
    {
        Run("ZADD z 1 a 2 b");
        Assert.Equal(":2", Run("ZREM z a b c"));
        Assert.Equal(0, _store.Store.CountKeys(0));
        Assert.Equal(":0", Run("ZREM z a"));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(500)]
    public void Ranges_SmallAndBig_AgreeWithIndexes(int count)
    {
        Fill(count);
        Assert.Equal("m001 m002 m003", Items("ZRANGE z 1 3"));
        Assert.Equal($"m{count - 2:D3} m{count - 1:D3}", Items("ZRANGE z -2 -1"));
        Assert.Equal($"m{count - 1:D3} m{count - 2:D3}", Items("ZRANGE z 0 1 REV"));
        Assert.Equal("m002 m003", Items("ZRANGEBYSCORE z (1 3"));
        Assert.Equal("m004 m005", Items("ZRANGE z (1 +inf BYSCORE LIMIT 2 2"));
        Assert.Equal("m008 m007", Items("ZREVRANGEBYSCORE z (10 -inf LIMIT 1 2"));
        Assert.Equal("m008 8 m007 7", Items("ZRANGE z (10 -inf BYSCORE REV LIMIT 1 2 WITHSCORES"));
        Assert.Equal(":9", Run("ZCOUNT z 1 9"));
        Assert.Equal(":7", Run("ZRANK z m007"));
        Assert.Equal($":{count - 8}", Run("ZREVRANK z m007"));
        Assert.Equal("*2 :7 $1 7", Run("ZRANK z m007 WITHSCORE"));
        Assert.Equal("*0", Run("ZRANGE z 5 1"));
        Assert.Equal("*0", Run("ZRANGEBYSCORE z 5 (5"));
        Assert.Equal("*0", Run("ZRANGEBYSCORE z 1 5 LIMIT -1 10"));
        Assert.Equal(":3", Run("ZREMRANGEBYRANK z 0 2"));
        Assert.Equal(":2", Run("ZREMRANGEBYSCORE z 3 4"));
        Assert.Equal(":5", Run("ZRANGESTORE d z 0 4"));
        Assert.Equal("m005 5 m006 6 m007 7 m008 8 m009 9", Items("ZRANGE d 0 -1 WITHSCORES"));
        Assert.Equal($":{count - 5}", Run("ZREMRANGEBYSCORE z -inf +inf"));
        Assert.Equal(":0", Run("ZCARD z"));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(200)]
    public void LexRanges_EqualScores_GoByName(int count)
    {
        for (var i = 0; i < count; i++) Run($"ZADD z 0 m{i:D3}");
        Assert.Equal("m001 m002 m003", Items("ZRANGEBYLEX z [m001 [m003"));
        Assert.Equal("m002", Items("ZRANGE z (m001 (m003 BYLEX"));
        Assert.Equal("m003 m002", Items("ZREVRANGEBYLEX z [m003 - LIMIT 0 2"));
        Assert.Equal($":{count}", Run("ZLEXCOUNT z - +"));
        Assert.Equal(":0", Run("ZLEXCOUNT z + -"));
        Assert.Equal(":3", Run("ZREMRANGEBYLEX z - (m003"));
        Assert.Equal("-ERR min or max not valid string range item", Run("ZLEXCOUNT z m +"));
    }

    [Theory]
    [InlineData("ZRANGE z 0 -1 LIMIT 0 1", "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")]
    [InlineData("ZRANGE z - + BYLEX WITHSCORES", "-ERR syntax error, WITHSCORES not supported in combination with BYLEX")]
    [InlineData("ZRANGE z a b", "-ERR value is not an integer or out of range")]
    [InlineData("ZRANGEBYSCORE z a b", "-ERR min or max is not a float")]
    [InlineData("ZREVRANGE z 0 1 REV", "-ERR syntax error")]
    [InlineData("ZRANGESTORE d z 0 1 WITHSCORES", "-ERR syntax error")]
    [InlineData("ZRANGEBYSCORE z 0 1 LIMIT 1", "-ERR syntax error")]
    [InlineData("ZRANK z a b", "-ERR syntax error")]
    [InlineData("ZSCAN z x", "-ERR invalid cursor")]
    [InlineData("ZUNION 0 z", "-ERR at least 1 input key is needed for 'zunion' command")]
    [InlineData("ZUNION 2 z", "-ERR syntax error")]
    [InlineData("ZUNION 1 z WEIGHTS x", "-ERR weight value is not a float")]
    [InlineData("ZDIFF 1 z WEIGHTS 1", "-ERR syntax error")]
    [InlineData("ZUNIONSTORE d 1 z WITHSCORES", "-ERR syntax error")]
    [InlineData("ZINTERCARD 1 z LIMIT -1", "-ERR LIMIT can't be negative")]
    [InlineData("ZPOPMIN z -1", "-ERR value is out of range, must be positive")]
    [InlineData("ZMPOP 0 z MIN", "-ERR numkeys should be greater than 0")]
    [InlineData("ZMPOP 1 z MIN COUNT 0", "-ERR count should be greater than 0")]
    [InlineData("ZMPOP 1 z FOO", "-ERR syntax error")]
    [InlineData("BZPOPMIN z -1", "-ERR timeout is negative")]
    [InlineData("ZRANDMEMBER z 1 FOO", "-ERR syntax error")]
    public void Commands_BadArguments_ReplyRedisErrors(string line, string error)
    {
        Run("ZADD z 1 a");
        Assert.Equal(error, Run(line));
    }

    [Fact]
    public void ZPop_WithAndWithoutCount_TakesFromTheEnds()
    {
        Fill(200);
        Assert.Equal("*2 $4 m000 $1 0", Run("ZPOPMIN z"));
        Assert.Equal("m199 199 m198 198", Items("ZPOPMAX z 2"));
        Assert.Equal("*2 $1 z *1 *2 $4 m001 $1 1", Run("ZMPOP 2 none z MIN"));
        Assert.Equal("*0", Run("ZPOPMIN z 0"));
        Assert.Equal("*-1", Run("ZMPOP 1 none MAX COUNT 2"));
        Assert.Equal("*392", Run("ZPOPMIN z 1000").Split(' ')[0]);
        Assert.Equal(0, _store.Store.CountKeys(0));
    }

    [Fact]
    public void BZPopMin_NothingThere_WaitsForAMember()
    {
        var waiting = _store.Connect();
        Assert.Equal("", waiting.Run("BZPOPMIN a b 0"));
        Run("ZADD b 2 x 1 y");
        Assert.Equal("*3\r\n$1\r\nb\r\n$1\r\ny\r\n$1\r\n1\r\n", waiting.TakeServed());
        Assert.Equal("*3 $1 b $1 x $1 2", Run("BZPOPMAX b 0"));
    }

    [Fact]
    public void BZMPop_WaitingForAKeyOfAnotherType_GoesOnWaiting()
    {
        var waiting = _store.Connect();
        waiting.Run("BZMPOP 0 1 b MAX COUNT 2");
        Run("SET b text");
        Assert.Null(waiting.TakeServed());
        Run("ZUNIONSTORE b 1 none");
        Run("ZADD src 1 x 2 y 3 z");
        Run("ZUNIONSTORE b 1 src");
        Assert.Equal("*2\r\n$1\r\nb\r\n*2\r\n*2\r\n$1\r\nz\r\n$1\r\n3\r\n*2\r\n$1\r\ny\r\n$1\r\n2\r\n", waiting.TakeServed());
    }

    [Fact]
    public void NegativeZero_KeepsItsSignOnlyInBigSets()
    {
        Run("ZADD z -0 a");
        Assert.Equal("$1 0", Run("ZSCORE z a"));
        Assert.Equal("a -0", Items("ZUNION 1 z WEIGHTS -1 WITHSCORES"));
        Run("ZADD z -0 " + new string('l', 100));
        Run("ZADD z -0 b");
        Assert.Equal("$2 -0", Run("ZSCORE z b"));
    }

    [Fact]
    public void ZRangeByScore_BoundsBeyondDoubles_TakeAll()
    {
        Run("ZADD z -1e308 a 0 b 1e308 c");
        Assert.Equal("a b c", Items("ZRANGEBYSCORE z -1e500 1e500"));
        Assert.Equal("c", Items("ZRANGEBYSCORE z (1e-500 1e500"));
    }

    [Fact]
    public void Combine_WeightsAndAggregates_GiveRedisScores()
    {
        Run("ZADD a 1 x 2 y");
        Run("ZADD b 10 y 20 z");
        Assert.Equal("x 1 y 12 z 20", Items("ZUNION 2 a b WITHSCORES"));
        Assert.Equal("x 2 y 4 z 60", Items("ZUNION 2 a b WEIGHTS 2 3 AGGREGATE MIN WITHSCORES"));
        Assert.Equal("y 10", Items("ZINTER 2 a b AGGREGATE MAX WITHSCORES"));
        Assert.Equal("x 1", Items("ZDIFF 2 a b WITHSCORES"));
        Assert.Equal("*0", Run("ZDIFF 2 a a"));
        Assert.Equal(":1", Run("ZINTERCARD 2 a b"));
        Assert.Equal(":1", Run("ZINTERCARD 1 a LIMIT 1"));
        Assert.Equal(":3", Run("ZUNIONSTORE a 2 a b"));
        Assert.Equal(":0", Run("ZINTERSTORE a 2 a none"));
        Assert.Equal(":0", Run("ZCARD a"));
    }

    [Fact]
    public void Union_InfinitiesThatCancel_GiveZero()
    {
        Run("ZADD a inf x");
        Run("ZADD b -inf x");
        Assert.Equal("x 0", Items("ZUNION 2 a b WITHSCORES"));
        Assert.Equal("x 0", Items("ZUNION 1 a WEIGHTS 0 WITHSCORES"));
    }

    [Fact]
    public void ZDiff_BigFirstAndManyOthers_TakesThemOut()
    {
        Fill(300);
        Run("ZADD o 0 m000 0 m001");
        Assert.Equal("*298", Run("ZDIFF 6 z o o o o o").Split(' ')[0]);
        Assert.Equal(":298", Run("ZDIFFSTORE d 6 z o o o o o"));
        Assert.Equal("m002", Items("ZRANGE d 0 0"));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1000)]
    public void ZScan_ToTheEnd_GivesEachMemberOnce(int count)
    {
        Fill(count);
        var seen = new List<string>();
        var cursor = "0";
        do
        {
            var parts = Items($"ZSCAN z {cursor} COUNT 30").Split(' ');
            cursor = parts[0];
            seen.AddRange(parts.Skip(1).Where((_, index) => index % 2 == 0));
        }
        while (cursor != "0");
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"m{i:D3}"), seen.Order(StringComparer.Ordinal));
        Assert.Equal("0 m007 7", Items("ZSCAN z 0 MATCH m007 COUNT 100000"));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1000)]
    public void ZRandMember_PositiveCount_GivesDistinctMembers(int count)
    {
        Fill(count);
        foreach (var wanted in new[] { 1, 5, count / 2, count - 1, count, count + 10 })
        {
            var members = Items($"ZRANDMEMBER z {wanted}").Split(' ');
            Assert.Equal(Math.Min(wanted, count), members.Length);
            Assert.Equal(members.Length, members.Distinct().Count());
        }

        Assert.Equal("*50", Run("ZRANDMEMBER z -50").Split(' ')[0]);
        Assert.Equal("*100", Run("ZRANDMEMBER z -50 WITHSCORES").Split(' ')[0]);
        Assert.Equal("*0", Run("ZRANDMEMBER none 5"));
        Assert.Equal("$-1", Run("ZRANDMEMBER none"));
    }

    [Fact]
    public void Resp3_Scores_AreDoublesAndPairsNest()
    {
        var client = _store.Connect();
        client.Resp3 = true;
        client.Run("ZADD z 1 a 2.5 b");
        Assert.Equal("*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2.5\r\n", client.Run("ZRANGE z 0 -1 WITHSCORES"));
        Assert.Equal("*2\r\n*2\r\n$1\r\na\r\n,1\r\n*2\r\n$1\r\nb\r\n,2.5\r\n", client.Run("ZUNION 1 z WITHSCORES"));
        Assert.Equal("*2\r\n,1\r\n_\r\n", client.Run("ZMSCORE z a none"));
        Assert.Equal("*1\r\n*2\r\n$1\r\nb\r\n,2.5\r\n", client.Run("ZPOPMAX z 1"));
        Assert.Equal("*2\r\n$1\r\na\r\n,1\r\n", client.Run("ZPOPMIN z"));
        Assert.Equal("_\r\n", client.Run("ZRANK z a"));
    }

    // Added one by one, so that the table of the set is being resized while it is walked.
    [Theory]
    [InlineData(1100)]
    [InlineData(1300)]
    public void ZInter_OnePlainSetTwice_HasEachMemberOnce(int count)
    {
        foreach (var command in (string[])["ZINTERCARD 2 s s", "ZINTERSTORE z 2 s s", "ZINTERSTORE z 3 s t s", "ZINTER 2 s s"])
        {
            using var store = new TestStore();
            for (var i = 0; i < count; i++) store.Run($"SADD s member:{i}");
            store.Run("SUNIONSTORE t s");
            if (command == "ZINTER 2 s s") Assert.Equal(count, store.Bulks(command).Distinct().Count());
            else Assert.Equal($":{count}\r\n", store.Run(command));
            if (!command.StartsWith("ZINTERSTORE", StringComparison.Ordinal)) continue;
            Assert.Equal(count, store.Bulks("ZRANGE z 0 -1").Distinct().Count());
            Assert.Equal(command.Contains('t', StringComparison.Ordinal) ? "$1\r\n3\r\n" : "$1\r\n2\r\n", store.Run("ZSCORE z member:7"));
        }
    }

    [Fact]
    public void Everything_Removed_GivesTheMemoryBack()
    {
        var before = SlabHeap.AllocatedBytes;
        using (var store = new TestStore(new ServerConfig()))
        {
            for (var i = 0; i < 1000; i++) store.Run($"ZADD big {i % 7} member:{i}");
            store.Run("ZADD small 1 a 2 b");
            store.Run("ZUNIONSTORE u 2 big small");
            store.Run("ZINTERSTORE u 2 big small");
            store.Run("ZUNION 2 big small");
            store.Run("ZRANGESTORE r big 0 500");
            store.Run("ZRANGESTORE r small 0 -1");
            store.Run("ZREMRANGEBYRANK big 0 -1");
        }

        Assert.Equal(before, SlabHeap.AllocatedBytes);
    }
}
