using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Cluster mode: which commands are executed, and where the others are sent.</summary>
public sealed class RedirectTests : IDisposable
{
    // Slots 0 to 8191 are the first silo's: "b" is of slot 3300, "a" of 15495, "c" of 7365.
    private readonly TestCluster _cluster = new(2, clusterMode: true);
    private readonly RespClient _client;

    public RedirectTests() => _client = _cluster[0].Connect();

    private int OtherPort => _cluster[1].Port;

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void Keys_OfOwnSlots_AreServed()
    {
        Assert.Equal("OK", Call("SET b 1"));
        Assert.Equal("[\"1\", (nil)]", Call("MGET b {b}x"));
        Assert.Equal("(integer) 1", Call("DBSIZE"));
    }

    [Theory]
    [InlineData("GET a", 15495)]
    [InlineData("SET a 1", 15495)]
    [InlineData("MGET a {a}x", 15495)]
    [InlineData("SPUBLISH a x", 15495)]
    [InlineData("SSUBSCRIBE a", 15495)]
    [InlineData("WATCH a", 15495)]
    [InlineData("OBJECT ENCODING a", 15495)]
    [InlineData("BLPOP a 1", 15495)]
    [InlineData("LMPOP 1 a LEFT", 15495)]
    public void Keys_OfAnothersSlots_AreRedirected(string command, int slot) =>
        Assert.Equal($"(error) MOVED {slot} 127.0.0.1:{OtherPort}", Call(command));

    [Theory]
    [InlineData("MGET b c")]
    [InlineData("MSET b 1 c 2")]
    [InlineData("DEL b c")]
    [InlineData("COPY b c")]
    [InlineData("SSUBSCRIBE b c")]
    [InlineData("SINTERCARD 2 b c")]
    public void Keys_OfSeveralSlots_AreRefused(string command) =>
        Assert.Equal("(error) CROSSSLOT Keys in request don't hash to the same slot", Call(command));

    [Theory]
    [InlineData("SELECT 1", "ERR SELECT is not allowed in cluster mode")]
    [InlineData("SWAPDB 0 1", "ERR SWAPDB is not allowed in cluster mode")]
    [InlineData("MOVE b 1", "ERR MOVE is not allowed in cluster mode")]
    [InlineData("COPY b {b}x DB 1", "ERR Copying to another database is not allowed in cluster mode")]
    public void Databases_ThereIsOne(string command, string error) => Assert.Equal($"(error) {error}", Call(command));

    [Fact]
    public void Select_Zero_IsAllowed() => Assert.Equal("OK", Call("SELECT 0"));

    [Fact]
    public void Multi_WithARedirectedCommand_FailsAtExec()
    {
        Call("MULTI");
        Assert.Equal("QUEUED", Call("SET b 1"));
        Assert.StartsWith("(error) MOVED", Call("SET a 1"), StringComparison.Ordinal);
        Assert.Equal("(error) EXECABORT Transaction discarded because of previous errors.", Call("EXEC"));
        Assert.Equal("(nil)", Call("GET b"));
    }

    [Fact]
    public void Exec_OverSeveralSlots_IsRefusedAndEndsTheTransaction()
    {
        Call("MULTI");
        Call("SET b 1");
        Call("SET c 1");
        Assert.Equal("(error) CROSSSLOT Keys in request don't hash to the same slot", Call("EXEC"));
        Assert.Equal("(error) ERR EXEC without MULTI", Call("EXEC"));
    }

    [Fact]
    public void Exec_AfterTheSlotHasMoved_IsRedirectedAndEndsTheTransaction()
    {
        Call("MULTI");
        Call("SET b 1");
        _cluster.Assign("b", _cluster[1]);
        Assert.Equal($"(error) MOVED 3300 127.0.0.1:{OtherPort}", Call("EXEC"));
        Assert.Equal("(error) ERR EXEC without MULTI", Call("EXEC"));
    }

    [Fact]
    public void Exec_WithAWatchedKeyOfASlotThatHasMoved_Fails()
    {
        Call("WATCH b");
        _cluster.Assign("b", _cluster[1]);
        Call("MULTI");
        Call("PING");
        Assert.Equal("(nil array)", Call("EXEC"));
    }

    [Fact]
    public void Slot_WithoutOwner_StopsTheClusterUnlessItMayBePartial()
    {
        _cluster.Assign("c", null);

        Assert.Equal("(error) CLUSTERDOWN The cluster is down", Call("GET b"));
        Assert.Equal("(error) CLUSTERDOWN Hash slot not served", Call("GET c"));
        Assert.Contains("cluster_state:fail", Text("CLUSTER INFO"), StringComparison.Ordinal);
        Call("CONFIG SET cluster-allow-reads-when-down yes");
        Assert.Equal("(nil)", Call("GET b"));
        Assert.Equal("(error) CLUSTERDOWN The cluster is down and only accepts read commands", Call("SET b 1"));
        Call("CONFIG SET cluster-require-full-coverage no");
        Assert.Equal("OK", Call("SET b 1"));
        Assert.Equal("(error) CLUSTERDOWN Hash slot not served", Call("GET c"));
    }

    [Fact]
    public void Slot_GivenToThisSiloButNotYetServed_IsWaitedFor()
    {
        _cluster[0].SetRole(TestCluster.SlotOf("b"), SlotRole.Replica);
        Send("SET c 1", "SET b 1", "INCR c", "MULTI", "INCR b", "EXEC");

        Assert.Equal("OK", _client.Read().ToString());
        _cluster[0].SetRole(TestCluster.SlotOf("b"), SlotRole.Primary);

        Assert.Equal(["OK", "(integer) 2", "OK", "QUEUED", "[(integer) 2]"], Enumerable.Range(0, 5).Select(_ => _client.Read().ToString()));
    }

    [Fact]
    public void Slot_OnItsWayToAnotherSilo_IsWaitedForAndThenRedirected()
    {
        _cluster[0].SetRole(TestCluster.SlotOf("b"), SlotRole.Replica);
        Send("SET c 1", "SET b 1", "MULTI", "INCR b", "EXEC", "GET c");

        Assert.Equal("OK", _client.Read().ToString());
        _cluster.Assign("b", _cluster[1]);

        var moved = $"(error) MOVED 3300 127.0.0.1:{OtherPort}";
        Assert.Equal([moved, "OK", moved], Enumerable.Range(0, 3).Select(_ => _client.Read().ToString()));
        Assert.StartsWith("(error) EXECABORT", _client.Read().ToString(), StringComparison.Ordinal);
        Assert.Equal("\"1\"", _client.Read().ToString());
    }

    [Fact]
    public void Slot_ServedByNobodyForTooLong_IsToBeTriedAgain()
    {
        Call("CONFIG SET cluster-node-timeout 50");
        _cluster[0].SetRole(TestCluster.SlotOf("b"), SlotRole.Replica);

        Assert.StartsWith("(error) TRYAGAIN ", Call("GET b"), StringComparison.Ordinal);
        Assert.StartsWith("(error) TRYAGAIN ", Call("BLPOP b 1"), StringComparison.Ordinal);
        Assert.Equal("PONG", Call("PING"));
    }

    [Fact]
    public void ReadOnly_OnAReplica_ServesReads()
    {
        Call("SET b 1");
        _cluster.Members = [_cluster.Members[0], _cluster.Members[1] with { Replicas = ["silo-0"], InSync = ["silo-0"] }];
        _cluster.Nodes = [new MapNode(_cluster[0].Member.NodeId, "", _cluster[1].Member.NodeId)];
        _cluster.Assign(0, 16383, _cluster[1]);
        for (var slot = 0; slot < 16384; slot++) _cluster[0].SetRole(slot, SlotRole.Replica);

        Assert.StartsWith("(error) MOVED", Call("GET b"), StringComparison.Ordinal);
        Assert.Equal("OK", Call("READONLY"));
        Assert.Equal("\"1\"", Call("GET b"));
        Assert.StartsWith("(error) MOVED", Call("SET b 1"), StringComparison.Ordinal);
        Call("MULTI");
        Call("GET b");
        Assert.Equal("[\"1\"]", Call("EXEC"));
        Assert.Equal("OK", Call("READWRITE"));
        Assert.StartsWith("(error) MOVED", Call("GET b"), StringComparison.Ordinal);
    }

    [Fact]
    public void Wait_OnASlotThatMoves_IsRedirected()
    {
        _client.Send(["BLPOP", "b", "0"]);
        _client.Flush();
        using var observer = _cluster[0].Connect();
        Assert.True(Wait.Until(() => observer.Call("INFO", "clients").Text.Contains("blocked_clients:1", StringComparison.Ordinal)));

        _cluster.Assign("b", _cluster[1]);

        Assert.Equal($"(error) MOVED 3300 127.0.0.1:{OtherPort}", _client.Read().ToString());
        Assert.Equal("PONG", Call("PING"));
    }

    [Fact]
    public void ShardChannel_OfASlotThatMoves_IsUnsubscribed()
    {
        Assert.Equal("[\"ssubscribe\", \"b\", (integer) 1]", Call("SSUBSCRIBE b"));

        _cluster.Assign("b", _cluster[1]);

        Assert.Equal("[\"sunsubscribe\", \"b\", (integer) 0]", _client.Read().ToString());
    }

    [Fact]
    public void ShardChannel_OfASlotThatIsGivenAwayAndKept_IsUnsubscribed()
    {
        Assert.Equal("[\"ssubscribe\", \"b\", (integer) 1]", Call("SSUBSCRIBE b"));

        _cluster.Move("b", _cluster[1]);

        Assert.Equal("[\"sunsubscribe\", \"b\", (integer) 0]", _client.Read().ToString());
    }

    [Fact]
    public void Slot_WhoseNewOwnerHasNotHeardOfIt_IsWaitedFor()
    {
        using var replication = new TestReplication { KnownMapVersion = _cluster.Map.Current.Version };
        _cluster[0].Server.Cluster = new ClusterLink("silo-0", _cluster.Map) { Time = new FrozenTime() };
        _cluster[0].Store.Replication = replication;
        using var client = _cluster[0].Connect();
        using var observer = _cluster[0].Connect();
        Assert.Equal("(nil)", client.Call("GET", "b").ToString());
        _cluster.Move("b", _cluster[1]);
        client.Send(["GET", "b"]);
        client.Flush();
        var asked = replication.MapsAsked;
        Assert.True(Wait.Until(() => replication.MapsAsked > asked + 2));
        Assert.Equal("PONG", observer.Call("PING").ToString());

        replication.KnownMapVersion++;

        Assert.Equal($"(error) MOVED 3300 127.0.0.1:{OtherPort}", client.Read().ToString());
    }

    [Fact]
    public void Slot_WhoseNewOwnerIsNotHeardOf_IsNotWaitedForLong()
    {
        using var replication = new TestReplication { KnownMapVersion = 0 };
        _cluster[0].Store.Replication = replication;
        _cluster.Move("b", _cluster[1]);

        Assert.Equal($"(error) MOVED 3300 127.0.0.1:{OtherPort}", Call("GET b"));
        Assert.True(replication.MapsAsked > 0);
    }

    [Fact]
    public void Redirection_NamesThePreferredEndpoint()
    {
        Call("CONFIG SET cluster-preferred-endpoint-type hostname");
        Assert.Equal($"(error) MOVED 15495 ?:{OtherPort}", Call("GET a"));
        Call("CONFIG SET cluster-preferred-endpoint-type unknown-endpoint");
        Assert.Equal($"(error) MOVED 15495 :{OtherPort}", Call("GET a"));
    }

    private void Send(params string[] lines)
    {
        foreach (var line in lines) _client.Send(line.Split(' '));
        _client.Flush();
    }

    private string Call(string line) => _client.Call(line.Split(' ')).ToString();

    private string Text(string line) => _client.Call(line.Split(' ')).Text;

    private sealed class FrozenTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
