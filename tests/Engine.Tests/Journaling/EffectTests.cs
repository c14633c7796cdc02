using OrleansKv.Engine.Journaling;

namespace OrleansKv.Engine.Tests.Journaling;

/// <summary>What each command's effects are. The clock of tests stands at 1735689600000 ms.</summary>
public sealed class EffectTests : IDisposable
{
    private readonly JournaledPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData("SET k v", "SET k v")]
    [InlineData("sEt k v", "sEt k v")]
    [InlineData("SET s 1 KEEPTTL", "SET s 1 KEEPTTL")]
    [InlineData("SET k v NX", "SET k v NX")]
    [InlineData("SET s v NX", "")]
    [InlineData("SET k v XX", "")]
    [InlineData("SET s v GET", "SET s v GET")]
    [InlineData("SET k v EX 10", "SET k v PXAT 1735689610000")]
    [InlineData("SET k v PX 10 NX", "SET k v PXAT 1735689600010")]
    [InlineData("SET k v EXAT 1735689601", "SET k v PXAT 1735689601000")]
    [InlineData("SETEX k 10 v", "SET k v PXAT 1735689610000")]
    [InlineData("PSETEX k 10 v", "SET k v PXAT 1735689600010")]
    [InlineData("SETNX k v", "SETNX k v")]
    [InlineData("SETNX s v", "")]
    [InlineData("GETSET s v", "GETSET s v")]
    [InlineData("GETDEL s", "DEL s")]
    [InlineData("GETDEL missing", "")]
    [InlineData("GETEX s", "")]
    [InlineData("GETEX s EX 10", "PEXPIREAT s 1735689610000")]
    [InlineData("GETEX s PXAT 1", "DEL s")]
    [InlineData("GETEX s PERSIST", "")]
    [InlineData("GETEX expiring PERSIST", "PERSIST expiring")]
    [InlineData("APPEND s x", "APPEND s x")]
    [InlineData("SETRANGE s 3 x", "SETRANGE s 3 x")]
    [InlineData("SETRANGE s 3 ''", "")]
    [InlineData("INCR s", "INCR s")]
    [InlineData("DECRBY s 3", "DECRBY s 3")]
    [InlineData("INCR list", "")]
    [InlineData("INCRBYFLOAT s 0.5", "SET s 10.5 KEEPTTL")]
    [InlineData("MSET {s}1 a {s}2 b", "MSET {s}1 a {s}2 b")]
    [InlineData("MSET a 1 b 2", "SET a 1; SET b 2")]
    [InlineData("MSETNX a 1 s 2", "")]
    [InlineData("GET s", "")]
    public void Effects_OfStringCommands_DoTheSame(string line, string effects) => Check(line, effects);

    [Theory]
    [InlineData("DEL s", "DEL s")]
    [InlineData("DEL missing", "")]
    [InlineData("DEL s list missing", "DEL s; DEL list")]
    [InlineData("UNLINK s", "UNLINK s")]
    [InlineData("EXPIRE s 10", "PEXPIREAT s 1735689610000")]
    [InlineData("EXPIRE s 10 XX", "")]
    [InlineData("PEXPIRE s 10", "PEXPIREAT s 1735689600010")]
    [InlineData("EXPIREAT s 1735689610", "PEXPIREAT s 1735689610000")]
    [InlineData("EXPIRE s -1", "DEL s")]
    [InlineData("PERSIST expiring", "PERSIST expiring")]
    [InlineData("PERSIST s", "")]
    [InlineData("RENAME s {s}2", "RENAME s {s}2")]
    [InlineData("RENAME s s", "")]
    [InlineData("RENAME expiring other", "DEL expiring; SET other x PXAT 1735689700000")]
    [InlineData("RENAME list other", "DEL list; DEL other; RPUSH other a b c")]
    [InlineData("RENAMENX s list", "")]
    [InlineData("COPY s {s}2", "COPY s {s}2")]
    [InlineData("COPY hash s REPLACE", "DEL s; HSET s f 1 g 2")]
    [InlineData("COPY s s DB 1", "COPY s s DB 1")]
    [InlineData("COPY zset other DB 1", "@1 DEL other; @1 ZADD other 1.5 a 2 b inf c")]
    [InlineData("MOVE s 1", "MOVE s 1")]
    [InlineData("FLUSHDB", "FLUSHDB")]
    [InlineData("FLUSHALL ASYNC", "FLUSHALL ASYNC")]
    [InlineData("SWAPDB 0 1", "SWAPDB 0 1")]
    [InlineData("KEYS *", "")]
    public void Effects_OfKeyCommands_DoTheSame(string line, string effects) => Check(line, effects);

    [Theory]
    [InlineData("RPUSH list d e", "RPUSH list d e")]
    [InlineData("LPUSHX missing a", "")]
    [InlineData("LPOP list", "LPOP list")]
    [InlineData("RPOP list 9", "RPOP list 9")]
    [InlineData("LPOP list 0", "")]
    [InlineData("LSET list 0 x", "LSET list 0 x")]
    [InlineData("LINSERT list BEFORE b x", "LINSERT list BEFORE b x")]
    [InlineData("LREM list 0 z", "")]
    [InlineData("LTRIM list 0 1", "LTRIM list 0 1")]
    [InlineData("LTRIM list 0 -1", "")]
    [InlineData("LMOVE list {list}2 LEFT RIGHT", "LMOVE list {list}2 LEFT RIGHT")]
    [InlineData("LMOVE list other LEFT RIGHT", "LPOP list; RPUSH other a")]
    [InlineData("RPOPLPUSH list list", "LMOVE list list RIGHT LEFT")]
    [InlineData("RPOPLPUSH list other", "RPOP list; LPUSH other c")]
    [InlineData("LMPOP 2 missing list RIGHT COUNT 9", "RPOP list 3")]
    [InlineData("BLPOP missing list 0", "LPOP list")]
    [InlineData("BRPOP list 0", "RPOP list")]
    [InlineData("BLMOVE list {list}2 RIGHT LEFT 0", "LMOVE list {list}2 RIGHT LEFT")]
    [InlineData("BRPOPLPUSH list other 0", "RPOP list; LPUSH other c")]
    [InlineData("BLMPOP 0 1 list LEFT", "LPOP list 1")]
    public void Effects_OfListCommands_DoTheSame(string line, string effects) => Check(line, effects);

    [Theory]
    [InlineData("HSET hash f 1", "HSET hash f 1")]
    [InlineData("HSETNX hash f 1", "")]
    [InlineData("HINCRBY hash f 2", "HINCRBY hash f 2")]
    [InlineData("HINCRBYFLOAT hash f 0.5", "HSET hash f 1.5")]
    [InlineData("HDEL hash f nothing", "HDEL hash f nothing")]
    [InlineData("HDEL hash nothing", "")]
    [InlineData("SADD set a d", "SADD set a d")]
    [InlineData("SADD set a", "")]
    [InlineData("SREM set a b c", "SREM set a b c")]
    [InlineData("SMOVE set {set}2 a", "SMOVE set {set}2 a")]
    [InlineData("SMOVE set other a", "SREM set a; SADD other a")]
    [InlineData("SMOVE set other z", "")]
    [InlineData("SPOP one", "SREM one a")]
    [InlineData("SPOP set 0", "")]
    [InlineData("SPOP set 9", "DEL set")]
    [InlineData("SINTERSTORE {set}2 set", "SINTERSTORE {set}2 set")]
    [InlineData("SINTERSTORE other set one", "DEL other; SADD other a")]
    [InlineData("SDIFFSTORE list one set", "DEL list")]
    [InlineData("SDIFFSTORE other one set", "")]
    public void Effects_OfHashAndSetCommands_DoTheSame(string line, string effects) => Check(line, effects);

    [Theory]
    [InlineData("ZADD zset 1 a 3 d", "ZADD zset 1 a 3 d")]
    [InlineData("ZADD zset 1.5 a", "")]
    [InlineData("ZADD zset GT 1 a", "")]
    [InlineData("ZINCRBY zset 0.1 a", "ZINCRBY zset 0.1 a")]
    [InlineData("ZREM zset nothing", "")]
    [InlineData("ZPOPMIN zset 2", "ZPOPMIN zset 2")]
    [InlineData("ZMPOP 2 missing zset MAX COUNT 9", "ZPOPMAX zset 3")]
    [InlineData("BZPOPMAX missing zset 0", "ZPOPMAX zset")]
    [InlineData("BZMPOP 0 1 zset MIN", "ZPOPMIN zset 1")]
    [InlineData("ZREMRANGEBYSCORE zset 2 +inf", "ZREMRANGEBYSCORE zset 2 +inf")]
    [InlineData("ZRANGESTORE {zset}2 zset 0 0", "ZRANGESTORE {zset}2 zset 0 0")]
    [InlineData("ZUNIONSTORE other 2 zset one WEIGHTS 0.1 1", "DEL other; ZADD other 0.20000000000000001 b 1.1499999999999999 a inf c")]
    public void Effects_OfSortedSetCommands_DoTheSame(string line, string effects) => Check(line, effects);

    [Fact]
    public void SPop_ManyOfASet_NamesTheMembersThatItTook()
    {
        _pair.EffectsOf("SADD numbers 1 2 3 4 5 6 7 8 9 10");
        var removed = _pair.EffectsOf("SPOP numbers 9").Split(' ');
        Assert.Equal("SREM", removed[0]);
        Assert.Equal(11, removed.Length);
        removed = _pair.EffectsOf("SPOP numbers").Split(' ');
        Assert.Equal(3, removed.Length);
        _pair.CatchUp();
        Assert.Equal(SlotDigest.Of(_pair.Source.Store), SlotDigest.Of(_pair.Copy.Store));
    }

    [Fact]
    public void ExpiredKey_FoundByACommand_IsRemovedBeforeItsOwnEffects()
    {
        _pair.EffectsOf("SET k v PX 10");
        _pair.Source.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("DEL k; APPEND k x", _pair.EffectsOf("APPEND k x"));
        _pair.EffectsOf("SET k v PX 10");
        _pair.Source.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("DEL k", _pair.EffectsOf("GET k"));
        _pair.EffectsOf("MSET a 1 b 2");
        _pair.EffectsOf("PEXPIRE b 10");
        _pair.Source.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("DEL b; SET a 3; SET b 4", _pair.EffectsOf("MSET a 3 b 4"));
    }

    [Fact]
    public void ExpiredKey_FoundByAWalkOrTheCycle_IsRemoved()
    {
        _pair.EffectsOf("SET k v PX 10");
        _pair.Source.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("DEL k", _pair.EffectsOf("SCAN 0 COUNT 100000"));
        _pair.EffectsOf("SET {k}1 v PX 10");
        _pair.EffectsOf("SET {k}2 v PX 10");
        _pair.Source.Time.Advance(TimeSpan.FromSeconds(10));
        _pair.Source.Store.ActiveExpiry.RunCycle(16384);
        Assert.Contains(_pair.Transcript(), new[] { "DEL {k}1; DEL {k}2", "DEL {k}2; DEL {k}1" });
    }

    [Fact]
    public void Transaction_OfManyCommands_IsOneRecord()
    {
        var client = new JournalClient(_pair.Source.Store, _pair.Source.Worker);
        _pair.Source.Run("SADD one a");
        _pair.EffectsOf("RPUSH list a");
        client.Exec([["SET", "k", "1"], ["GET", "s"], ["INCRBYFLOAT", "k", "1"], ["MSET", "k", "3", "l", "4"], ["RPUSH", "list", "x"], ["SPOP", "one"]]);
        Assert.Equal("SET k 1; SET k 2 KEEPTTL; SET k 3; SET l 4; RPUSH list x; SREM one a", _pair.Transcript());
        client.Exec([["GET", "s"], ["DEL", "missing"]]);
        Assert.Equal("", _pair.Transcript());
    }

    [Fact]
    public void BlockedCommand_Served_FollowsWhatServedItAsARecordOfItsOwn()
    {
        var first = _pair.Source.Connect();
        var second = _pair.Source.Connect();
        Assert.Equal("", first.Run("BLPOP queue 0"));
        Assert.Equal("", second.Run("BLMOVE queue target RIGHT LEFT 0"));
        Assert.Equal("RPUSH queue a b c | LPOP queue | RPOP queue; LPUSH target c", _pair.EffectsOf("RPUSH queue a b c"));
        _pair.CatchUp();
        Assert.Equal(SlotDigest.Of(_pair.Source.Store), SlotDigest.Of(_pair.Copy.Store));
    }

    [Fact]
    public void Copy_ExpiredKey_StaysUntilTheOwnerRemovesItAndIsShownAsAbsent()
    {
        _pair.EffectsOf("SET k v PX 10");
        _pair.CatchUp();
        _pair.Copy.Time.Advance(TimeSpan.FromSeconds(1));
        _pair.Copy.Store.ActiveExpiry.RunCycle(16384);
        var slot = _pair.Copy.Store.SlotOf("k"u8);
        Assert.False(slot[0].Find("k"u8).IsNull);
        var reader = _pair.Copy.Connect();
        reader.ReadsReplicas = true;
        Assert.Equal("$-1\r\n", reader.Run("GET k"));
        Assert.False(slot[0].Find("k"u8).IsNull);
        _pair.Source.Run("APPEND k w");
        _pair.CatchUp();
        _pair.Source.Time.Advance(TimeSpan.FromSeconds(1));
        _pair.Source.Run("GET k");
        _pair.CatchUp();
        Assert.True(slot[0].Find("k"u8).IsNull);
    }

    [Fact]
    public void Copy_WithALowerLimitOfStrings_TakesWhatTheOwnerMade()
    {
        _pair.Copy.Config.ProtoMaxBulkLengthBytes = 10;
        _pair.Source.Run("SET k 0123456789");
        _pair.Source.Run("APPEND k x");
        _pair.Source.Run("SETRANGE k 20 y");
        _pair.CatchUp();
        Assert.Equal(SlotDigest.Of(_pair.Source.Store), SlotDigest.Of(_pair.Copy.Store));
    }

    [Fact]
    public void Barrier_OfABatch_IsTheLastRecordOfEverySlotThatItTouched()
    {
        var worker = _pair.Source.Worker;
        _pair.Source.Run("SET a 1");
        var first = _pair.Journal.LastLsn;
        _pair.Source.Run("SET b 1");
        var second = _pair.Journal.LastLsn;
        Assert.Equal(second, worker.BarrierLsn);
        worker.ResetBarrier();
        _pair.Source.Run("GET nothing");
        Assert.Equal(0, worker.BarrierLsn);
        _pair.Source.Run("GET a");
        Assert.Equal(first, worker.BarrierLsn);
        _pair.Source.Run("MGET a b");
        Assert.Equal(second, worker.BarrierLsn);
        worker.ResetBarrier();
        _pair.Source.Run("DBSIZE");
        Assert.Equal(second, worker.BarrierLsn);
        Assert.Equal(first, _pair.Source.Store.SlotOf("a"u8).LastLsn);
    }

    private void Check(string line, string effects)
    {
        foreach (var preparation in (string[])
            ["SET s 10", "SET expiring x PX 100000", "RPUSH list a b c", "HSET hash f 1 g 2", "SADD set a b c", "SADD one a", "ZADD zset 1.5 a 2 b inf c"])
            _pair.Source.Run(preparation);
        Assert.Equal(effects, _pair.EffectsOf(line));
        _pair.CatchUp();
        Assert.Equal(SlotDigest.Of(_pair.Source.Store), SlotDigest.Of(_pair.Copy.Store));
    }
}
