namespace OrleansKv.Engine.Tests;

public sealed class ListCommandsTests : IDisposable
{
    private const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("LPUSH k a b c", ":3\r\n")]
    [InlineData("LPUSHX k a", ":0\r\n")]
    [InlineData("RPUSHX k a", ":0\r\n")]
    [InlineData("LPOP k", "$-1\r\n")]
    [InlineData("LPOP k 2", "*-1\r\n")]
    [InlineData("LPOP k -1", "-ERR value is out of range, must be positive\r\n")]
    [InlineData("LPOP k 1 2", "-ERR wrong number of arguments for 'lpop' command\r\n")]
    [InlineData("LLEN k", ":0\r\n")]
    [InlineData("LINDEX k x", "$-1\r\n")]
    [InlineData("LRANGE k 0 -1", "*0\r\n")]
    [InlineData("LRANGE k 0 x", "-ERR value is not an integer or out of range\r\n")]
    [InlineData("LSET k 0 v", "-ERR no such key\r\n")]
    [InlineData("LINSERT k BEFORE a b", ":0\r\n")]
    [InlineData("LINSERT k BESIDE a b", "-ERR syntax error\r\n")]
    [InlineData("LREM k 0 a", ":0\r\n")]
    [InlineData("LTRIM k 0 1", "+OK\r\n")]
    [InlineData("LPOS k a", "$-1\r\n")]
    [InlineData("LPOS k a COUNT 1", "*0\r\n")]
    [InlineData("LMOVE k k2 LEFT RIGHT", "$-1\r\n")]
    [InlineData("LMOVE k k2 LEFT UP", "-ERR syntax error\r\n")]
    [InlineData("RPOPLPUSH k k2", "$-1\r\n")]
    [InlineData("LMPOP 1 k LEFT", "*-1\r\n")]
    [InlineData("LMPOP 0 k LEFT", "-ERR numkeys should be greater than 0\r\n")]
    [InlineData("LMPOP 2 k LEFT", "-ERR syntax error\r\n")]
    [InlineData("LMPOP 1 k LEFT COUNT 0", "-ERR count should be greater than 0\r\n")]
    [InlineData("LMPOP 1 k LEFT COUNT 1 COUNT 1", "-ERR syntax error\r\n")]
    public void Command_MissingKey_Replies(string command, string reply) => Assert.Equal(reply, _store.Run(command));

    [Theory]
    [InlineData("LPOP k", "$1\r\na\r\n", "b 3 d")]
    [InlineData("RPOP k", "$1\r\nd\r\n", "a b 3")]
    [InlineData("LPOP k 0", "*0\r\n", "a b 3 d")]
    [InlineData("RPOP k 2", "*2\r\n$1\r\nd\r\n$1\r\n3\r\n", "a b")]
    [InlineData("LINDEX k 2", "$1\r\n3\r\n", "a b 3 d")]
    [InlineData("LINDEX k -4", "$1\r\na\r\n", "a b 3 d")]
    [InlineData("LINDEX k 4", "$-1\r\n", "a b 3 d")]
    [InlineData("LINDEX k x", "-ERR value is not an integer or out of range\r\n", "a b 3 d")]
    [InlineData("LRANGE k -3 2", "*2\r\n$1\r\nb\r\n$1\r\n3\r\n", "a b 3 d")]
    [InlineData("LSET k -1 x", "+OK\r\n", "a b 3 x")]
    [InlineData("LSET k 4 x", "-ERR index out of range\r\n", "a b 3 d")]
    [InlineData("LINSERT k BEFORE 3 x", ":5\r\n", "a b x 3 d")]
    [InlineData("LINSERT k after d x", ":5\r\n", "a b 3 d x")]
    [InlineData("LINSERT k AFTER y x", ":-1\r\n", "a b 3 d")]
    [InlineData("LTRIM k 1 -2", "+OK\r\n", "b 3")]
    [InlineData("LTRIM k 3 1", "+OK\r\n", "")]
    [InlineData("LREM k 0 b", ":1\r\n", "a 3 d")]
    [InlineData("LMOVE k k LEFT RIGHT", "$1\r\na\r\n", "b 3 d a")]
    [InlineData("LMOVE k k LEFT LEFT", "$1\r\na\r\n", "a b 3 d")]
    [InlineData("RPOPLPUSH k k", "$1\r\nd\r\n", "d a b 3")]
    [InlineData("LMPOP 2 none k RIGHT COUNT 2", "*2\r\n$1\r\nk\r\n*2\r\n$1\r\nd\r\n$1\r\n3\r\n", "a b")]
    [InlineData("BLPOP none k 0", "*2\r\n$1\r\nk\r\n$1\r\na\r\n", "b 3 d")]
    [InlineData("BRPOP k 0", "*2\r\n$1\r\nk\r\n$1\r\nd\r\n", "a b 3")]
    [InlineData("BLMPOP 0 1 k LEFT COUNT 9", "*2\r\n$1\r\nk\r\n*4\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\n3\r\n$1\r\nd\r\n", "")]
    public void Command_FourElements_RepliesAndLeaves(string command, string reply, string left)
    {
        _store.Run("RPUSH k a b 3 d");
        Assert.Equal(reply, _store.Run(command));
        Assert.Equal(left, Elements("k"));
    }

    [Theory]
    [InlineData("LPUSH")]
    [InlineData("LPOP")]
    [InlineData("LLEN")]
    [InlineData("LPOP", "1")]
    [InlineData("LRANGE", "0 -1")]
    [InlineData("LSET", "0 x")]
    [InlineData("LPOS", "x")]
    [InlineData("LREM", "0 x")]
    [InlineData("BLPOP", "0")]
    [InlineData("LMOVE", "d LEFT LEFT")]
    public void Command_String_IsWrongType(string command, string rest = "")
    {
        _store.Run("SET k v");
        if (command == "LPUSH") rest = "v";
        Assert.Equal(WrongType, _store.Run($"{command} k {rest}"));
    }

    [Fact]
    public void LMove_DestinationOfOtherType_LeavesSource()
    {
        _store.Run("RPUSH k a");
        _store.Run("SET d v");
        Assert.Equal(WrongType, _store.Run("LMOVE k d LEFT LEFT"));
        Assert.Equal("a", Elements("k"));
    }

    [Fact]
    public void LMove_LastElement_RemovesSource()
    {
        _store.Run("RPUSH k a");
        Assert.Equal("$1\r\na\r\n", _store.Run("LMOVE k d LEFT LEFT"));
        Assert.Equal(":0\r\n", _store.Run("LLEN k"));
        Assert.Equal("a", Elements("d"));
        Assert.Equal(1, _store.Store.CountKeys(0));
    }

    [Theory]
    [InlineData("", "$-1\r\n", "x")]
    [InlineData("", ":1\r\n")]
    [InlineData("RANK 2", ":3\r\n")]
    [InlineData("RANK -1", ":4\r\n")]
    [InlineData("RANK 4", "$-1\r\n")]
    [InlineData("MAXLEN 1", "$-1\r\n")]
    [InlineData("COUNT 0", "*3\r\n:1\r\n:3\r\n:4\r\n")]
    [InlineData("COUNT 2 RANK -1", "*2\r\n:4\r\n:3\r\n")]
    [InlineData("COUNT 0 RANK 2 MAXLEN 4", "*1\r\n:3\r\n")]
    [InlineData("COUNT -1", "-ERR COUNT can't be negative\r\n")]
    [InlineData("MAXLEN -1", "-ERR MAXLEN can't be negative\r\n")]
    [InlineData("RANK", "-ERR syntax error\r\n")]
    public void LPos_Options_GiveIndices(string options, string reply, string element = "b")
    {
        _store.Run("RPUSH k a b c b b");
        Assert.Equal(reply, _store.Run($"LPOS k {element} {options}"));
    }

    [Fact]
    public void LPos_RankZero_IsError()
    {
        var reply = _store.Run("LPOS k a RANK 0");
        Assert.StartsWith("-ERR RANK can't be zero: use 1 to start from the first match", reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "a c")]
    [InlineData("1", "a c b b")]
    [InlineData("-2", "a b c")]
    public void LRem_Count_RemovesFromThatEnd(string count, string left)
    {
        _store.Run("RPUSH k a b c b b");
        _store.Run($"LREM k {count} b");
        Assert.Equal(left, Elements("k"));
    }

    [Theory]
    [InlineData("-1", "-ERR timeout is negative\r\n")]
    [InlineData("x", "-ERR timeout is not a float or out of range\r\n")]
    [InlineData("nan", "-ERR timeout is not a float or out of range\r\n")]
    [InlineData("1e400", "-ERR timeout is negative\r\n")]
    [InlineData("1e18", "-ERR timeout is negative\r\n")]
    public void BLPop_BadTimeout_IsError(string timeout, string reply) => Assert.Equal(reply, _store.Run($"BLPOP k {timeout}"));

    [Theory]
    [InlineData("0.0001", 1)]
    [InlineData("1.5", 1500)]
    [InlineData("-0.0001", 0)]
    public void BLPop_FractionOfSecond_IsRoundedUp(string timeout, long timeoutMs)
    {
        var client = _store.Connect();
        client.Run($"BLPOP k {timeout}");
        Assert.Equal(timeoutMs, client.Waiting!.TimeoutMs);
    }

    private string Elements(string key)
    {
        var lines = _store.Run($"LRANGE {key} 0 -1").Split("\r\n");
        return string.Join(' ', lines.Skip(1).Where((_, i) => i % 2 == 1));
    }
}
