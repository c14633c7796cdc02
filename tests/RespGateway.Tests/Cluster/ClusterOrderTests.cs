using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>The subcommands of CLUSTER that change the slot map: Redis's replies and errors, and what comes of it.</summary>
public sealed class ClusterOrderTests : IDisposable
{
    private const int PatienceMs = 20_000;

    private static readonly string[] Ids = [new('a', 40), new('b', 40), new('c', 40)];

    private readonly TestCluster _cluster = new(3, clusterMode: true);
    private readonly RespClient[] _clients;

    /// <summary>Three nodes that have started alone.</summary>
    public ClusterOrderTests()
    {
        _cluster.Map.Set(new SlotMap(_cluster.Map.Current.Version + 1, [], SlotMap.Empty.Ranges));
        for (var i = 0; i < 3; i++)
            _cluster.Map.Set(_cluster.Map.Current with
            {
                Version = _cluster.Map.Current.Version + 1,
                Members = [.. _cluster.Map.Current.Members, _cluster[i].Member],
                Nodes = [.. _cluster.Map.Current.Nodes, new MapNode(Ids[i], Ids[i])],
            });
        _cluster.Operator.Apply(new MapEvent.Assigned("silo-0", [0]));
        _cluster.Operator.Apply(new MapEvent.Released("silo-0", [0]));
        _clients = [.. _cluster.Silos.Select(silo => silo.Connect())];
    }

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void Meet_NodesThatStartedAlone_SeeEachOtherAndTheirSlots()
    {
        Assert.Equal("OK", Call(0, "ADDSLOTSRANGE 0 8000"));
        Assert.Equal("OK", Call(1, "ADDSLOTSRANGE 8001 16383"));
        Assert.Contains("cluster_known_nodes:1\r", Call(0, "INFO"), StringComparison.Ordinal);
        Assert.Contains("cluster_state:fail", Call(0, "INFO"), StringComparison.Ordinal);

        Assert.Equal("OK", Call(1, $"MEET 127.0.0.1 {_cluster[0].Port}"));
        Assert.Equal("OK", Call(0, $"MEET 127.0.0.1 {_cluster[0].Port}"));

        Assert.Contains("cluster_state:ok", Call(0, "INFO"), StringComparison.Ordinal);
        Assert.Equal(2, Call(0, "NODES").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("MOVED 12182 127.0.0.1:", _clients[0].Call("GET", "foo").Text, StringComparison.Ordinal);
        Assert.Equal(1, Call(2, "NODES").Count(letter => letter == '\n'));
    }

    [Fact]
    public void Meet_OfLoopback_IsNotANodeOfAnotherHost()
    {
        var away = _cluster[1].Member with { Endpoint = new Contracts.NodeEndpoint("192.0.2.7", _cluster[1].Port) };
        _cluster.Map.Set(_cluster.Map.Current with { Version = _cluster.Map.Current.Version + 1, Members = [_cluster[0].Member, away, _cluster[2].Member] });

        Assert.Equal($"ERR No node at 127.0.0.1:{_cluster[1].Port} has this cluster directory", Call(0, $"MEET 127.0.0.1 {_cluster[1].Port}"));
        Assert.Equal("OK", Call(0, $"MEET 192.0.2.7 {_cluster[1].Port}"));
        Assert.Equal("OK", Call(0, $"MEET 127.0.0.1 {_cluster[2].Port}"));
    }

    [Fact]
    public void AddSlots_ThatAreNotFree_AreRefused()
    {
        Assert.Equal("OK", Call(0, "ADDSLOTS 5 6"));
        Assert.Equal("ERR Slot 5 is already busy", Call(0, "ADDSLOTS 4 5"));
        Assert.Equal("ERR Slot 6 is already busy", Call(1, "ADDSLOTSRANGE 6 9"));
        Assert.Null(_cluster.Map.Current.RangeOf(4).Owner);
        Assert.Equal("ERR Slot 6 is another node's, which alone can give it up", Call(1, "DELSLOTS 6"));
        Assert.Equal("OK", Call(0, "DELSLOTSRANGE 5 5"));
        Assert.Equal("OK", Call(1, "ADDSLOTS 5"));
    }

    [Fact]
    public void Slots_WithKeysInThem_AreNotGivenUp()
    {
        Call(0, "ADDSLOTSRANGE 0 16383");
        Assert.Equal("OK", _clients[0].Call("SET", "foo", "bar").Text);

        Assert.Equal("ERR Slot 12182 holds keys, which would be lost", Call(0, "DELSLOTS 12182"));
        Assert.Equal("ERR DB must be empty to perform CLUSTER FLUSHSLOTS.", Call(0, "FLUSHSLOTS"));
        Assert.Equal("ERR CLUSTER RESET can't be called with master nodes containing keys", Call(0, "RESET"));
        _clients[0].Call("DEL", "foo");
        Assert.Equal("OK", Call(0, "FLUSHSLOTS"));

        Assert.Contains("cluster_slots_assigned:0", Call(0, "INFO"), StringComparison.Ordinal);
    }

    [Fact]
    public void SetSlotMigrating_WaitsForTheMoveWhereKeysAreAskedFor()
    {
        TwoMasters();
        _clients[0].Call("SET", "{b}", "1");
        Assert.Equal("OK", Call(1, $"SETSLOT 3300 IMPORTING {Ids[0]}"));
        Assert.Equal("OK", Call(0, $"SETSLOT 3300 MIGRATING {Ids[1]}"));
        Assert.Contains($" [3300->-{Ids[1]}]", Call(0, "NODES"), StringComparison.Ordinal);
        Assert.Contains($" [3300-<-{Ids[0]}]", Call(1, "NODES"), StringComparison.Ordinal);

        Send(_clients[0], "CLUSTER", "GETKEYSINSLOT", "3300", "10");
        Send(_clients[0], "CLUSTER", "COUNTKEYSINSLOT", "3300");
        Send(_clients[0], "PING");
        _cluster.Operator.MoveAll();

        Assert.Equal("[]", _clients[0].Read().ToString());
        Assert.Equal("(integer) 0", _clients[0].Read().ToString());
        Assert.Equal("PONG", _clients[0].Read().Text);
        Assert.Equal("OK", Call(1, $"SETSLOT 3300 NODE {Ids[1]}"));
        Assert.Equal("OK", Call(0, $"SETSLOT 3300 NODE {Ids[1]}"));
        Assert.DoesNotContain("[", Call(0, "NODES"), StringComparison.Ordinal);
        Assert.StartsWith("MOVED 3300 ", _clients[0].Call("GET", "{b}").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void SetSlotStable_OfASlotThatMoves_KeepsIt()
    {
        TwoMasters();
        Call(0, $"SETSLOT 3300 MIGRATING {Ids[1]}");
        Send(_clients[0], "CLUSTER", "GETKEYSINSLOT", "3300", "10");

        Assert.Equal("OK", Call(1, "SETSLOT 3300 STABLE"));

        Assert.Equal("(error) TRYAGAIN Slot 3300 is still on its way to another node, or is to stay", _clients[0].Read().ToString());
        Assert.Equal("[]", _clients[0].Call("CLUSTER", "GETKEYSINSLOT", "3300", "10").ToString());
        Assert.DoesNotContain("[", Call(0, "NODES"), StringComparison.Ordinal);
    }

    [Fact]
    public void SetSlotNode_OfASlotThatIsNotThere_HasItMoved()
    {
        TwoMasters();
        Send(_clients[2], "CLUSTER", "SETSLOT", "3300", "NODE", Ids[1]);
        Assert.True(Wait.Until(() => _cluster.Map.Current.Wanted.Length > 0, PatienceMs));
        _cluster.Operator.MoveAll();

        Assert.Equal("OK", _clients[2].Read().Text);
        Assert.Equal("silo-1", _cluster.Map.Current.RangeOf(3300).Owner);
    }

    [Fact]
    public void Replicate_AnEmptyNode_IsAReplicaThatServesReads()
    {
        TwoMasters();
        _clients[0].Call("SET", "{b}", "1");
        Assert.Equal("OK", Call(2, $"REPLICATE {Ids[0]}"));
        _cluster.Operator.MoveAll();

        Assert.Contains($"myself,slave {Ids[0]} ", Call(2, "NODES"), StringComparison.Ordinal);
        Assert.Equal("ERR I can only replicate a master, not a replica.", Call(1, $"REPLICATE {Ids[2]}"));
        Assert.Equal("ERR Please use SETSLOT only with masters.", Call(2, "SETSLOT 1 STABLE"));
        Assert.Equal("ERR Target node is not a master", Call(0, $"SETSLOT 1 MIGRATING {Ids[2]}"));
        Assert.Equal("ERR Can't forget my master!", Call(2, $"FORGET {Ids[0]}"));
        Assert.StartsWith("MOVED ", _clients[2].Call("GET", "{b}").Text, StringComparison.Ordinal);
        _clients[2].Call("READONLY");
        Assert.Equal("(nil)", _clients[2].Call("GET", "{b}").ToString());
    }

    [Fact]
    public void FailOver_OnAReplica_MovesItsMastersSlots()
    {
        TwoMasters();
        Call(2, $"REPLICATE {Ids[0]}");

        Assert.Equal("OK", Call(2, "FAILOVER"));
        _cluster.Operator.MoveAll();

        Assert.Contains(" 0-8191\n", Call(2, "NODES"), StringComparison.Ordinal);
        Assert.Contains($"myself,slave {Ids[2]} ", Call(0, "NODES"), StringComparison.Ordinal);
    }

    [Fact]
    public void FailOver_WhereTheMasterIsGoneWithItsSlots_TakesThemOver()
    {
        TwoMasters();
        Call(2, $"REPLICATE {Ids[0]}");
        _cluster.Operator.Apply(new MapEvent.Died("silo-0"));

        Assert.StartsWith("ERR Master is down and its slots are lost", Call(2, "FAILOVER FORCE"), StringComparison.Ordinal);
        Assert.Equal("OK", Call(2, "FAILOVER TAKEOVER"));

        Assert.Contains("master - 0 0", Call(2, "NODES"), StringComparison.Ordinal);
        Assert.Contains(" 0-8191\n", Call(2, "NODES"), StringComparison.Ordinal);
        Assert.Equal("OK", Call(1, $"FORGET {Ids[0]}"));
        Assert.Equal($"ERR Unknown node {Ids[0]}", Call(1, $"FORGET {Ids[0]}"));
    }

    [Fact]
    public void ForgetAndReset_OfANodeWithoutSlots_MakeItAlone()
    {
        TwoMasters();
        Assert.StartsWith($"ERR Node {Ids[1]} owns slots", Call(0, $"FORGET {Ids[1]}"), StringComparison.Ordinal);

        Assert.Equal("OK", Call(0, $"FORGET {Ids[2]}"));
        Assert.Equal("OK", Call(1, $"FORGET {Ids[2]}"));
        Assert.Contains("cluster_known_nodes:2\r", Call(0, "INFO"), StringComparison.Ordinal);
        Assert.Contains("cluster_known_nodes:1\r", Call(2, "INFO"), StringComparison.Ordinal);

        Assert.Equal("OK", Call(2, "RESET"));
        Assert.Equal(Ids[2], Call(2, "MYID"));
        Assert.Equal("OK", Call(2, "RESET HARD"));
        Assert.Equal(new string('f', 40), Call(2, "MYID"));
    }

    /// <summary>As redis-cli --cluster fix gives a slot to a node.</summary>
    [Fact]
    public void Transaction_OfOrders_IsCarriedOutInOrder()
    {
        TwoMasters();
        foreach (var line in new[] { "MULTI", "CLUSTER DELSLOTS 5", "CLUSTER DELSLOTS 5", "CLUSTER ADDSLOTS 5", "CLUSTER SETSLOT 5 STABLE", "CLUSTER BUMPEPOCH" })
            _clients[0].Call(line.Split(' '));

        Assert.Equal("[OK, (error) ERR Slot 5 is already unassigned, OK, OK, STILL 17]", Epochless(_clients[0].Call("EXEC").ToString()));

        _clients[0].Call("MULTI");
        _clients[0].Call("SET", "{b}", "1");
        _clients[0].Call("CLUSTER", "SAVECONFIG");
        Assert.StartsWith("(error) EXECABORT ", _clients[0].Call("EXEC").ToString(), StringComparison.Ordinal);
        Assert.Equal("(nil)", _clients[0].Call("GET", "{b}").ToString());
    }

    [Fact]
    public void Order_WithoutAnAnswer_IsAnErrorAndTheConnectionGoesOn()
    {
        _cluster.Operator.Failure = new TimeoutException("late");

        Assert.Equal("ERR The cluster did not answer, and may or may not have done it: late", Call(0, "ADDSLOTS 1"));
        Assert.Equal("PONG", _clients[0].Call("PING").Text);
    }

    [Theory]
    [InlineData("MEET a b", "ERR Invalid TCP base port specified: b")]
    [InlineData("MEET a 1", "ERR Invalid node address specified: a:1")]
    [InlineData("MEET 1.2.3.4 70000", "ERR Invalid node address specified: 1.2.3.4:70000")]
    [InlineData("MEET 127.0.0.1 7000 x", "ERR Invalid TCP bus port specified: x")]
    [InlineData("MEET 127.0.0.1 1", "ERR No node at 127.0.0.1:1 has this cluster directory")]
    [InlineData("FORGET x", "ERR Unknown node x")]
    [InlineData("RESET foo", "ERR syntax error")]
    [InlineData("ADDSLOTS x", "ERR Invalid or out of range slot")]
    [InlineData("ADDSLOTS 1 1", "ERR Slot 1 specified multiple times")]
    [InlineData("ADDSLOTSRANGE 1 2 3", "ERR wrong number of arguments for 'cluster|addslotsrange' command")]
    [InlineData("ADDSLOTSRANGE 3 1", "ERR start slot number 3 is greater than end slot number 1")]
    [InlineData("DELSLOTS 4", "ERR Slot 4 is already unassigned")]
    [InlineData("SETSLOT 1 foo", "ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP")]
    [InlineData("SETSLOT 1 node", "ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP")]
    [InlineData("SETSLOT 1 node x", "ERR Unknown node x")]
    [InlineData("SETSLOT x stable", "ERR Invalid or out of range slot")]
    [InlineData("SETSLOT 1 migrating x", "ERR I'm not the owner of hash slot 1")]
    [InlineData("SETSLOT 1 importing x", "ERR I don't know about node x")]
    [InlineData("SETSLOT 1 stable", "OK")]
    [InlineData("REPLICATE x", "ERR Unknown node x")]
    [InlineData("REPLICATE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ERR Can't replicate myself")]
    [InlineData("FORGET aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ERR I tried hard but I can't forget myself...")]
    [InlineData("FAILOVER", "ERR You should send CLUSTER FAILOVER to a replica")]
    [InlineData("FAILOVER x", "ERR syntax error")]
    [InlineData("FAILOVER force x", "ERR unknown subcommand or wrong number of arguments for 'FAILOVER'. Try CLUSTER HELP.")]
    [InlineData("SET-CONFIG-EPOCH x", "ERR value is not an integer or out of range")]
    [InlineData("SET-CONFIG-EPOCH -1", "ERR Invalid config epoch specified: -1")]
    [InlineData("SET-CONFIG-EPOCH 5", "OK")]
    [InlineData("BUMPEPOCH", "STILL 0")]
    [InlineData("SAVECONFIG", "OK")]
    [InlineData("SAVECONFIG x", "ERR wrong number of arguments for 'cluster|saveconfig' command")]
    [InlineData("ADDSLOTS", "ERR wrong number of arguments for 'cluster|addslots' command")]
    [InlineData("FLUSHSLOTS", "OK")]
    public void Reply_OfANodeThatIsAlone_IsRediss(string line, string reply) => Assert.Equal(reply, Call(0, line));

    // Two masters, and a third node without slots, that have met.
    private void TwoMasters()
    {
        Call(0, "ADDSLOTSRANGE 0 8191");
        Call(1, "ADDSLOTSRANGE 8192 16383");
        Call(1, $"MEET 127.0.0.1 {_cluster[0].Port}");
        Call(2, $"MEET 127.0.0.1 {_cluster[0].Port}");
    }

    private static void Send(RespClient client, params string[] args)
    {
        client.Send(args);
        client.Flush();
    }

    private static string Epochless(string text) => System.Text.RegularExpressions.Regex.Replace(text, "STILL [0-9]+", "STILL 17");

    private string Call(int silo, string line) => _clients[silo].Call(["CLUSTER", .. line.Split(' ')]).Text;
}
