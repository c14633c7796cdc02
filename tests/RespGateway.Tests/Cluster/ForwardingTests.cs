using OrleansKv.Engine.Keyspace;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>A gateway that serves the whole keyspace: what it sends to other silos, and what comes back.</summary>
public sealed class ForwardingTests : IDisposable
{
    private readonly TestCluster _cluster = new(3, clusterMode: false, (_, config) => config.IoThreads = 1);
    private readonly RespClient _client;
    private readonly string[] _keys;

    public ForwardingTests()
    {
        _client = _cluster[0].Connect();
        _keys = [_cluster.KeyOf(0, "k"), _cluster.KeyOf(1, "k"), _cluster.KeyOf(2, "k")];
    }

    private string Here => _keys[0];

    private string There => _keys[1];

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void Command_OnAnotherSilosKey_IsExecutedThere()
    {
        Assert.Equal("OK", Call($"SET {There} 1"));
        Assert.Equal("\"1\"", Call($"GET {There}"));
        Assert.Equal(1, _cluster[1].Store.CountKeys(0));
        Assert.Equal(0, _cluster[0].Store.CountKeys(0));
    }

    [Fact]
    public void Pipeline_OverAllSilos_IsOneBatchEachWithRepliesInOrder()
    {
        var calls = _cluster.Forwarder.Calls;
        for (var i = 0; i < 300; i++) _client.Send(["INCR", _keys[i % 3]]);
        _client.Flush();
        for (var i = 0; i < 300; i++) Assert.Equal($"(integer) {(i / 3) + 1}", _client.Read().ToString());

        // Two batches a turn of the loop, and the input may have come in a few pieces.
        Assert.InRange(_cluster.Forwarder.Calls - calls, 2, 40);
    }

    [Fact]
    public void Pipeline_WithSessionCommandsBetween_KeepsItsOrder()
    {
        foreach (var line in new[] { $"SET {There} 1", "SELECT 1", $"GET {There}", $"SET {There} 2", "PING", "SELECT 0", $"GET {There}", "NOSUCH", $"GET {Here}" })
            _client.Send(line.Split(' '));
        _client.Flush();
        var replies = Enumerable.Range(0, 9).Select(_ => _client.Read().ToString()).ToArray();
        Assert.Equal(["OK", "OK", "(nil)", "OK", "PONG", "OK", "\"1\""], replies[..7]);
        Assert.StartsWith("(error) ERR unknown command", replies[7], StringComparison.Ordinal);
        Assert.Equal("(nil)", replies[8]);
    }

    [Fact]
    public void Resp3_RepliesOfOtherSilos_HaveItsShapes()
    {
        Call("HELLO 3");
        Call($"HSET {There} f v");
        Assert.Equal(RespKind.Map, _client.Call("HGETALL", There).Kind);
        Assert.Equal(RespKind.Null, _client.Call("GET", _cluster.KeyOf(1, "none")).Kind);
        Call($"ZADD {_cluster.KeyOf(2, "z")} 1.5 m");
        Assert.Equal(RespKind.Double, _client.Call("ZSCORE", _cluster.KeyOf(2, "z"), "m").Kind);
        Call("HELLO 2");
        Assert.Equal(RespKind.Array, _client.Call("HGETALL", There).Kind);
    }

    [Fact]
    public void Reads_OfKeysOfSeveralSilos_AreSplit()
    {
        for (var i = 0; i < 3; i++) Call($"SET {_keys[i]} {i}");
        Assert.Equal("[\"2\", (nil), \"0\", \"1\", \"2\"]", Call($"MGET {_keys[2]} none {_keys[0]} {_keys[1]} {_keys[2]}"));
        Assert.Equal("(integer) 4", Call($"EXISTS {_keys[2]} none {_keys[0]} {_keys[1]} {_keys[2]}"));
        Assert.Equal("(integer) 3", Call($"TOUCH {string.Join(' ', _keys)}"));
    }

    [Theory]
    [InlineData("MSET {0} 1 {1} 2")]
    [InlineData("DEL {0} {1}")]
    [InlineData("UNLINK {1} {2}")]
    [InlineData("SINTER {0} {1}")]
    [InlineData("RENAME {0} {1}")]
    public void Commands_OnKeysOfSeveralSilos_AreRefusedAndTouchNothing(string line)
    {
        for (var i = 0; i < 3; i++) Call($"SADD {_keys[i]} member");
        Assert.Equal(
            "(error) CROSSSLOT Keys in request are owned by several silos",
            Call(string.Format(System.Globalization.CultureInfo.InvariantCulture, line, [.. _keys])));
        Assert.Equal("(integer) 3", Call("DBSIZE"));
    }

    [Fact]
    public void Commands_OnSeveralKeysOfOneOtherSilo_GoThereWhole()
    {
        var other = _cluster.KeyOf(1, "other");
        Assert.Equal("OK", Call($"MSET {There} 1 {other} 2"));
        Assert.Equal("OK", Call($"RENAME {There} {other}"));
        Assert.Equal("\"1\"", Call($"GET {other}"));
        Assert.Equal("(integer) 1", Call($"DEL {There} {other}"));
    }

    [Fact]
    public void WholeKeyspace_IsThatOfAllSilos()
    {
        for (var i = 0; i < 100; i++) Call($"SET key:{i} {i}");
        var all = Enumerable.Range(0, 100).Select(i => $"key:{i}").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal("(integer) 100", Call("DBSIZE"));
        Assert.Equal(all, _client.Call("KEYS", "*").Items.Select(key => key.Text).Order(StringComparer.Ordinal));
        Assert.Equal(all, Scan(10).Order(StringComparer.Ordinal));
        var seen = Enumerable.Range(0, 200).Select(_ => _cluster.OwnerOf(_client.Call("RANDOMKEY").Text)).Distinct().Count();
        Assert.Equal(3, seen);
        Assert.Equal("OK", Call("FLUSHALL"));
        Assert.Equal("(integer) 0", Call("DBSIZE"));
        Assert.Equal("(nil)", Call("RANDOMKEY"));
        Assert.Equal("[]", Call("KEYS *"));
    }

    [Fact]
    public void Scan_OverScatteredSlots_GivesEveryKeyOnce()
    {
        for (var slot = 0; slot < 16384; slot += 97) _cluster.Assign(slot, slot + 30 > 16383 ? 16383 : slot + 30, _cluster[slot % 3]);
        for (var i = 0; i < 500; i++) Call($"SET key:{i} {i}");
        var all = Enumerable.Range(0, 500).Select(i => $"key:{i}").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(all, Scan(100).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Exec_OnKeysOfOneOtherSilo_IsExecutedThere()
    {
        foreach (var line in new[] { "MULTI", $"SET {There} 1", $"INCR {There}", $"LPUSH {There} x" }) Call(line);
        var reply = _client.Call("EXEC");
        Assert.Equal("[OK, (integer) 2, (error) WRONGTYPE Operation against a key holding the wrong kind of value]", reply.ToString());
        Assert.Equal("\"2\"", Call($"GET {There}"));
        Assert.Equal("(error) ERR EXEC without MULTI", Call("EXEC"));
    }

    [Fact]
    public void Exec_OnKeysOfSeveralSilos_IsRefusedAndTouchesNothing()
    {
        foreach (var line in new[] { "MULTI", $"SET {There} 1", $"SET {Here} 1" }) Call(line);
        Assert.Equal("(error) CROSSSLOT Keys in request are owned by several silos", Call("EXEC"));
        Assert.Equal("(error) ERR EXEC without MULTI", Call("EXEC"));
        Assert.Equal("(integer) 0", Call("DBSIZE"));
        foreach (var line in new[] { "MULTI", $"SET {Here} 1", "DBSIZE" }) Call(line);
        Assert.Equal("(error) ERR a transaction on keys of another silo cannot execute 'dbsize'", Call("EXEC"));
        Assert.Equal("(integer) 0", Call("DBSIZE"));
    }

    [Fact]
    public void ReplyOffAndSkip_HoldForOtherSilosToo()
    {
        foreach (var line in new[] { "CLIENT REPLY SKIP", $"SET {There} 1", $"GET {There}", "CLIENT REPLY OFF", $"INCR {There}", $"INCR {There}", "CLIENT REPLY ON", $"GET {There}" })
            _client.Send(line.Split(' '));
        _client.Flush();
        Assert.Equal(["\"1\"", "OK", "\"3\""], Enumerable.Range(0, 3).Select(_ => _client.Read().ToString()));
    }

    [Fact]
    public void QuitAndProtocolErrors_ComeAfterTheRepliesBeforeThem()
    {
        _client.SendRaw($"SET {There} 1\r\nGET {Here}\r\nQUIT\r\n");
        _client.Flush();
        Assert.Equal(["OK", "(nil)", "OK"], Enumerable.Range(0, 3).Select(_ => _client.Read().ToString()));
        Assert.True(_client.WaitForClose());

        using var broken = _cluster[0].Connect();
        broken.SendRaw($"GET {There}\r\nGET {Here}\r\n*1\r\n+x\r\n");
        broken.Flush();
        Assert.Equal(
            ["\"1\"", "(nil)", "(error) ERR Protocol error: expected '$', got '+'"], Enumerable.Range(0, 3).Select(_ => broken.Read().ToString()));
        Assert.True(broken.WaitForClose());
    }

    [Fact]
    public void SlowSilo_HoldsUpOnlyWhoWaitsForIt()
    {
        _cluster.Forwarder.Hold("silo-1");
        _client.Send(["SET", There, "1"]);
        _client.Send(["SET", Here, "1"]);
        _client.Flush();
        Assert.True(Wait.Until(() => _cluster.Forwarder.UnderWay == 1));

        // One loop serves both.
        using var other = _cluster[0].Connect();
        Assert.Equal("\"1\"", other.Call("GET", Here).ToString());
        Assert.Equal("OK", other.Call("SET", _keys[2], "1").ToString());

        _cluster.Forwarder.LetGo("silo-1");
        Assert.Equal("OK", _client.Read().ToString());
        Assert.Equal("OK", _client.Read().ToString());
    }

    [Fact]
    public void Client_ThatLeavesWhileItWaits_LeavesNothingBehind()
    {
        _cluster.Forwarder.Hold("silo-1");
        using (var leaving = _cluster[0].Connect())
        {
            leaving.Send(["SET", There, "1"]);
            leaving.Flush();
            Assert.True(Wait.Until(() => _cluster.Forwarder.UnderWay == 1));
        }

        // It may only have said that it sends no more.
        _cluster.Forwarder.LetGo("silo-1");
        Assert.True(Wait.Until(() => _cluster.Forwarder.UnderWay == 0));
        Assert.True(Wait.Until(() => _cluster[0].Server.Clients.Count == 1));
        Assert.Equal("\"1\"", Call($"GET {There}"));
    }

    [Fact]
    public void Clients_WhoseRepliesAreTooMuchForOneCall_AreAllAnswered()
    {
        // More than what the clients send and receive at a time, so that some are left for another call.
        var value = new string('v', 400_000);
        var clients = Enumerable.Range(0, 12).Select(_ => _cluster[0].Connect()).ToArray();
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("OK", Call($"SET {There} {value}"));
            foreach (var client in clients)
            {
                client.Send(["GET", There]);
                client.Send(["APPEND", There, ""]);
                client.Flush();
            }

            foreach (var client in clients)
            {
                Assert.Equal($"\"{value}\"", client.Read().ToString());
                Assert.Equal("(integer) 400000", client.Read().ToString());
            }
        }

        foreach (var client in clients) client.Dispose();
    }

    private string Call(string line) => _client.Call(line.Split(' ')).ToString();

    private List<string> Scan(int count)
    {
        var keys = new List<string>();
        var cursor = "0";
        do
        {
            var reply = _client.Call("SCAN", cursor, "COUNT", $"{count}");
            cursor = reply.Items[0].Text;
            keys.AddRange(reply.Items[1].Items.Select(key => key.Text));
        }
        while (cursor != "0");
        return keys;
    }
}
