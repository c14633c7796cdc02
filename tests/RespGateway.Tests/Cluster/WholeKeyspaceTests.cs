using OrleansKv.Engine.Keyspace;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Commands on the whole keyspace and on several databases, through a gateway to several silos, also while slots move.</summary>
public sealed class WholeKeyspaceTests : IDisposable
{
    private readonly TestCluster _cluster = new(3, clusterMode: false);
    private readonly RespClient _client;

    public WholeKeyspaceTests() => _client = _cluster[0].Connect();

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void SwapDb_OfAllSilos_SwapsEveryKey()
    {
        for (var i = 0; i < 60; i++) Call($"SET key:{i} {i}");
        Assert.Equal("OK", Call("SWAPDB 0 1"));
        Assert.Equal("(integer) 0", Call("DBSIZE"));
        Call("SELECT 1");
        Assert.Equal("(integer) 60", Call("DBSIZE"));
        Assert.Equal("\"7\"", Call("GET key:7"));
        Assert.StartsWith("(error) ERR", Call("SWAPDB 0 99"), StringComparison.Ordinal);
        Assert.StartsWith("(error) ERR invalid first DB index", Call("SWAPDB x 1"), StringComparison.Ordinal);
        Assert.Equal("(integer) 60", Call("DBSIZE"));
    }

    [Fact]
    public void SwapDb_RefusedByOneSiloAtFirst_SwapsOnceOnEach()
    {
        for (var i = 0; i < 60; i++) Call($"SET key:{i} {i}");
        var slot = TestCluster.SlotOf(_cluster.KeyOf(1, "k"));
        _cluster[1].SetRole(slot, SlotRole.Replica);
        var refreshes = 0;
        _cluster.Map.Refreshing = () =>
        {
            if (++refreshes == 3) _cluster[1].SetRole(slot, SlotRole.Primary);
        };
        Assert.Equal("OK", Call("SWAPDB 0 1"));
        Call("SELECT 1");
        Assert.Equal("(integer) 60", Call("DBSIZE"));
    }

    [Fact]
    public void SwapDb_WhileASlotMoves_SaysSo()
    {
        var slot = TestCluster.SlotOf(_cluster.KeyOf(1, "k"));
        _cluster[1].SetRole(slot, SlotRole.Away);
        _cluster.Map.Refreshing = () => _cluster.Assign(slot, slot, _cluster[2]);
        Assert.StartsWith("(error) ERR slots have moved", Call("SWAPDB 0 1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FLUSHALL", 0)]
    [InlineData("FLUSHDB ASYNC", 0)]
    [InlineData("FLUSHALL", 1)]
    [InlineData("FLUSHDB", 1)]
    public void Flush_WhileASlotIsFrozen_WaitsForIt(string line, int frozen)
    {
        // The slot is the frozen silo's, which is about to give it to another: its key must not survive.
        var key = _cluster.KeyOf(frozen, "k");
        var slot = TestCluster.SlotOf(key);
        Call($"SET {key} 1");
        _cluster[frozen].SetRole(slot, SlotRole.Replica);
        var refreshes = 0;
        _cluster.Map.Refreshing = () =>
        {
            if (++refreshes == 3) _cluster[frozen].SetRole(slot, SlotRole.Primary);
        };
        Assert.Equal("OK", Call(line));
        Assert.Equal("(nil)", Call($"GET {key}"));
        Assert.Equal("(integer) 0", Call("DBSIZE"));
    }

    /// <summary>An error that is to say that nothing was done may not be given for what was done in part.</summary>
    [Fact]
    public void Flush_ThatOneSiloRefuses_SaysSo()
    {
        var key = _cluster.KeyOf(1, "k");
        Call($"SET {key} 1");
        _cluster[2].Config.MinReplicasToWrite = 1;

        Assert.StartsWith("(error) ERR some silos have done this", Call("FLUSHALL"), StringComparison.Ordinal);
        Assert.Equal("(nil)", Call($"GET {key}"));
    }

    [Fact]
    public void Flush_RepeatedBecauseASlotWasFrozen_LeavesWhatFollowsIt()
    {
        string[] keys = [_cluster.KeyOf(0, "a"), _cluster.KeyOf(1, "b"), _cluster.KeyOf(2, "c")];
        var slot = TestCluster.SlotOf(_cluster.KeyOf(1, "k"));
        _cluster[1].SetRole(slot, SlotRole.Replica);
        var refreshes = 0;
        _cluster.Map.Refreshing = () =>
        {
            if (++refreshes == 3) _cluster[1].SetRole(slot, SlotRole.Primary);
        };
        _client.Send(["FLUSHALL"]);
        foreach (var key in keys) _client.Send(["SET", key, "1"]);
        _client.Flush();
        Assert.Equal(["OK", "OK", "OK", "OK"], Enumerable.Range(0, 4).Select(_ => _client.Read().ToString()));
        Assert.Equal("[\"1\", \"1\", \"1\"]", Call($"MGET {string.Join(' ', keys)}"));
    }

    [Fact]
    public void Databases_OfForwardedBatches_AreTheClients()
    {
        var key = _cluster.KeyOf(1, "k");
        foreach (var line in new[] { $"SET {key} zero", "SELECT 3", $"SET {key} three", "MULTI", $"GET {key}", $"APPEND {key} !", "EXEC", "SELECT 0", $"GET {key}", $"COPY {key} {key} DB 5", "SELECT 5", $"GET {key}", "KEYS *", "FLUSHDB", "DBSIZE", "SELECT 3", "DBSIZE" })
            _client.Send(line.Split(' '));
        _client.Flush();
        Assert.Equal(
            [
                "OK", "OK", "OK", "OK", "QUEUED", "QUEUED", "[\"three\", (integer) 6]", "OK", "\"zero\"", "(integer) 1", "OK", "\"zero\"", $"[\"{key}\"]", "OK",
                "(integer) 0", "OK", "(integer) 1",
            ],
            Enumerable.Range(0, 17).Select(_ => _client.Read().ToString()));
    }

    [Fact]
    public void ConfigSet_OfWhatAllServersShare_IsSetOnAll()
    {
        Assert.Equal("OK", Call("CONFIG SET maxmemory-policy allkeys-lru loglevel debug"));
        Assert.All(_cluster.Silos, silo => Assert.Equal(Engine.Configuration.MaxMemoryPolicy.AllKeysLru, silo.Config.MaxMemoryPolicy));
        Assert.Equal([true, false, false], _cluster.Silos.Select(silo => silo.Config.LogLevel == Engine.Configuration.LogVerbosity.Debug));
        Assert.StartsWith("(error) ERR", Call("CONFIG SET maxmemory-policy nonsense"), StringComparison.Ordinal);
        Assert.All(_cluster.Silos, silo => Assert.Equal(Engine.Configuration.MaxMemoryPolicy.AllKeysLru, silo.Config.MaxMemoryPolicy));
    }

    [Fact]
    public void ConfigSet_OneServerDoesNotAnswer_SaysWhich()
    {
        _cluster.Forwarder.Fault = silo => silo == _cluster[1].Name ? CallFault.Lost : CallFault.None;
        var reply = Call("CONFIG SET hz 50");
        Assert.StartsWith($"(error) ERR Set here, but not on every server: {_cluster[1].Name}", reply, StringComparison.Ordinal);
        Assert.Equal([50, 10, 50], _cluster.Silos.Select(silo => silo.Config.Hz));
    }

    [Fact]
    public void HalfClosedClient_GetsTheRepliesOfOtherSilos()
    {
        var key = _cluster.KeyOf(1, "k");
        var commands = System.Text.Encoding.ASCII.GetBytes($"SET {key} 1\r\nINCR {key}\r\nPUBLISH c m\r\nGET {key}\r\n");
        Assert.Equal("+OK\r\n:2\r\n:0\r\n$1\r\n2\r\n", TestGateway.Converse(_cluster[0].Port, commands));
    }

    [Fact]
    public void NoTouch_HoldsOnOtherSilos()
    {
        foreach (var silo in _cluster.Silos) silo.Config.MaxMemoryPolicy = Engine.Configuration.MaxMemoryPolicy.AllKeysLfu;
        var key = _cluster.KeyOf(1, "k");
        Call($"SET {key} 1");
        Call("CLIENT NO-TOUCH ON");
        for (var i = 0; i < 50; i++) Call($"GET {key}");
        Assert.Equal("(integer) 5", Call($"OBJECT FREQ {key}"));
        Call("CLIENT NO-TOUCH OFF");
        for (var i = 0; i < 50; i++) Call($"GET {key}");
        Assert.NotEqual("(integer) 5", Call($"OBJECT FREQ {key}"));
    }

    private string Call(string line) => _client.Call(line.Split(' ')).ToString();
}
