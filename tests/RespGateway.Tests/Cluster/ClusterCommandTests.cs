using OrleansKv.Contracts;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>The formats of CLUSTER's replies: those of Redis 7.0.</summary>
public sealed class ClusterCommandTests : IDisposable
{
    private static readonly string[] Ids = [new string('a', 40), new string('b', 40), new string('c', 40)];

    private readonly TestCluster _cluster = new(3, clusterMode: true, (number, config) => config.ClusterAnnounceHostName = number == 1 ? "one.example" : "");
    private readonly RespClient _client;

    public ClusterCommandTests()
    {
        // The third silo owns nothing, and was told to replicate the first.
        _cluster.Members = [_cluster.Members[0] with { Replicas = ["silo-2"], InSync = ["silo-2"] }, _cluster.Members[1], _cluster.Members[2]];
        _cluster.Nodes = [new MapNode(Ids[2], "", Ids[0])];
        _cluster.Assign(10922, 16383, _cluster[1]);
        _client = _cluster[0].Connect();
    }

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void Info_OfTheCluster_CountsSlotsAndNodes() => Assert.Equal(
        "cluster_state:ok\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:16384\r\ncluster_slots_pfail:0\r\ncluster_slots_fail:0\r\n"
        + "cluster_known_nodes:3\r\ncluster_size:2\r\ncluster_current_epoch:4\r\ncluster_my_epoch:1\r\ncluster_stats_messages_sent:0\r\n"
        + "cluster_stats_messages_received:0\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n",
        Call("CLUSTER INFO").Text);

    [Fact]
    public void Nodes_OfTheMap_AreLines() => Assert.Equal(
        $"{Ids[0]} 127.0.0.1:{_cluster[0].Port}@0 myself,master - 0 0 1 connected 0-5460\n"
        + $"{Ids[1]} 127.0.0.1:{_cluster[1].Port}@0,one.example master - 0 0 4 connected 5461-16383\n"
        + $"{Ids[2]} 127.0.0.1:{_cluster[2].Port}@0 slave {Ids[0]} 0 0 1 connected\n",
        Call("CLUSTER NODES").Text);

    [Fact]
    public void Nodes_ASlotOfItsOwn_IsOneNumber()
    {
        _cluster.Assign(7, 7, _cluster[1]);

        Assert.Contains(" connected 0-6 8-5460\n", Call("CLUSTER NODES").Text, StringComparison.Ordinal);
        Assert.Contains(" connected 7 5461-16383\n", Call("CLUSTER NODES").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_OfTheMap_NameMastersAndReplicas() => Assert.Equal(
        $"[[(integer) 0, (integer) 5460, {Address(0)}, {Address(2)}], "
        + $"[(integer) 5461, (integer) 16383, [\"127.0.0.1\", (integer) {_cluster[1].Port}, \"{Ids[1]}\", [\"hostname\", \"one.example\"]]]]",
        Call("CLUSTER SLOTS").ToString());

    [Fact]
    public void Slots_WithOtherEndpoints_SayTheRestToo()
    {
        Call("CONFIG SET cluster-preferred-endpoint-type hostname");
        var withNames = Call("CLUSTER SLOTS");
        Assert.Equal("[\"?\", (integer) " + _cluster[0].Port + $", \"{Ids[0]}\", [\"ip\", \"127.0.0.1\"]]", withNames.Items[0].Items[2].ToString());
        Assert.Equal("[\"one.example\", (integer) " + _cluster[1].Port + $", \"{Ids[1]}\", [\"ip\", \"127.0.0.1\"]]", withNames.Items[1].Items[2].ToString());

        Call("CONFIG SET cluster-preferred-endpoint-type unknown-endpoint");
        Assert.Equal(
            "[(nil), (integer) " + _cluster[1].Port + $", \"{Ids[1]}\", [\"ip\", \"127.0.0.1\", \"hostname\", \"one.example\"]]",
            Call("CLUSTER SLOTS").Items[1].Items[2].ToString());
    }

    [Fact]
    public void Shards_OfTheMap_NameMastersAndReplicas()
    {
        var shards = Call("CLUSTER SHARDS").Items;
        Assert.Equal(2, shards.Count);
        Assert.Equal(
            "[\"slots\", [(integer) 0, (integer) 5460], \"nodes\", ["
            + $"[\"id\", \"{Ids[0]}\", \"port\", (integer) {_cluster[0].Port}, \"ip\", \"127.0.0.1\", \"endpoint\", \"127.0.0.1\", "
            + "\"role\", \"master\", \"replication-offset\", (integer) 0, \"health\", \"online\"], "
            + $"[\"id\", \"{Ids[2]}\", \"port\", (integer) {_cluster[2].Port}, \"ip\", \"127.0.0.1\", \"endpoint\", \"127.0.0.1\", "
            + "\"role\", \"replica\", \"replication-offset\", (integer) 0, \"health\", \"online\"]]]",
            shards[0].ToString());
        Assert.Contains("\"endpoint\", \"127.0.0.1\", \"hostname\", \"one.example\", \"role\"", shards[1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_InResp3_AreMaps()
    {
        _client.Call("HELLO", "3");
        var shard = Call("CLUSTER SHARDS").Items[0];
        Assert.Equal(RespKind.Map, shard.Kind);
        Assert.Equal(RespKind.Map, shard.Items[3].Items[0].Kind);
        Assert.Equal(RespKind.Verbatim, Call("CLUSTER NODES").Kind);
    }

    [Fact]
    public void MyId_OfMasterAndReplica_IsTheNodes()
    {
        Assert.Equal(Ids[0], Call("CLUSTER MYID").Text);
        Assert.Equal(Ids[0], Call("CLUSTER MYSHARDID").Text);
        using var replica = _cluster[2].Connect();
        Assert.Equal(Ids[2], replica.Call("CLUSTER", "MYID").Text);
        Assert.Equal(Ids[0], replica.Call("CLUSTER", "MYSHARDID").Text);
    }

    [Fact]
    public void Replicas_OfAMaster_AreLines()
    {
        var line = $"{Ids[2]} 127.0.0.1:{_cluster[2].Port}@0 slave {Ids[0]} 0 0 1 connected";
        Assert.Equal($"[\"{line}\"]", Call($"CLUSTER REPLICAS {Ids[0]}").ToString());
        Assert.Equal($"[\"{line}\"]", Call($"CLUSTER SLAVES {Ids[0]}").ToString());
        Assert.Equal("[]", Call($"CLUSTER REPLICAS {Ids[1]}").ToString());
        Assert.Equal("(error) ERR The specified node is not a master", Call($"CLUSTER REPLICAS {Ids[2]}").ToString());
        Assert.Equal("(error) ERR Unknown node x", Call("CLUSTER REPLICAS x").ToString());
        Assert.Equal("(integer) 0", Call($"CLUSTER COUNT-FAILURE-REPORTS {Ids[1]}").ToString());
        Assert.Equal("(error) ERR Unknown node x", Call("CLUSTER COUNT-FAILURE-REPORTS x").ToString());
    }

    /// <summary>It is to get slots by itself. A client that once saw it as a replica would send it no writes for up to a minute.</summary>
    [Fact]
    public void CopiesAlone_MakeNoReplica()
    {
        _cluster.Nodes = [];
        _cluster.Publish();

        Assert.EndsWith($"{Ids[2]} 127.0.0.1:{_cluster[2].Port}@0 master - 0 0 0 connected\n", Call("CLUSTER NODES").Text, StringComparison.Ordinal);
        Assert.Equal(3, Call("CLUSTER SLOTS").Items[0].Items.Count);
        var shard = Call("CLUSTER SHARDS").Items[2].ToString();
        Assert.StartsWith("[\"slots\", [], \"nodes\", [", shard, StringComparison.Ordinal);
        Assert.Contains("\"role\", \"master\"", shard, StringComparison.Ordinal);
        Assert.Equal("[]", Call($"CLUSTER REPLICAS {Ids[0]}").ToString());
        using var client = _cluster[2].Connect();
        Assert.Equal(Ids[2], client.Call("CLUSTER", "MYSHARDID").Text);
        Assert.Equal("master", client.Call("ROLE").Items[0].Text);
        Assert.Contains("role:master\r", client.Call("INFO", "replication").Text, StringComparison.Ordinal);
        Assert.Contains("master", client.Call("HELLO").Items.Select(item => item.Text));
        _cluster[2].SetRole(0, Engine.Keyspace.SlotRole.Replica);
        client.Call("READONLY");
        Assert.StartsWith("MOVED 0 ", client.Call("GET", "{3560}").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void KeysInSlot_OfOneSlot_AreCountedAndListed()
    {
        Call("MSET {b}1 1 {b}2 2 {b}3 3");
        Assert.Equal("(integer) 3300", Call("CLUSTER KEYSLOT {b}1").ToString());
        Assert.Equal("(integer) 3", Call("CLUSTER COUNTKEYSINSLOT 3300").ToString());
        Assert.Equal(2, Call("CLUSTER GETKEYSINSLOT 3300 2").Items.Count);
        Assert.Equal(["{b}1", "{b}2", "{b}3"], Call("CLUSTER GETKEYSINSLOT 3300 10").Items.Select(key => key.Text).Order(StringComparer.Ordinal));
        Assert.Equal("[]", Call("CLUSTER GETKEYSINSLOT 3301 10").ToString());
    }

    [Theory]
    [InlineData("CLUSTER", "ERR wrong number of arguments for 'cluster' command")]
    [InlineData("CLUSTER FOO", "ERR unknown subcommand 'FOO'. Try CLUSTER HELP.")]
    [InlineData("CLUSTER NODES x", "ERR wrong number of arguments for 'cluster|nodes' command")]
    [InlineData("CLUSTER COUNTKEYSINSLOT x", "ERR value is not an integer or out of range")]
    [InlineData("CLUSTER COUNTKEYSINSLOT 16384", "ERR Invalid slot")]
    [InlineData("CLUSTER GETKEYSINSLOT 16384 1", "ERR Invalid slot or number of keys")]
    [InlineData("CLUSTER GETKEYSINSLOT 1 -1", "ERR Invalid slot or number of keys")]
    [InlineData("CLUSTER GETKEYSINSLOT 1 x", "ERR value is not an integer or out of range")]
    public void Arguments_ThatAreWrong_AreRefused(string line, string error) => Assert.Equal($"(error) {error}", Call(line).ToString());

    [Fact]
    public void Mode_IsTold()
    {
        Assert.Contains("redis_mode:cluster", Call("INFO server").Text, StringComparison.Ordinal);
        Assert.Contains("cluster_enabled:1", Call("INFO cluster").Text, StringComparison.Ordinal);
        Assert.Contains("\"mode\", \"cluster\"", Call("HELLO 2").ToString(), StringComparison.Ordinal);
        Assert.Equal("OK", Call("ASKING").ToString());
        Assert.Equal("[]", Call("CLUSTER LINKS").ToString());
        Assert.StartsWith("CLUSTER <subcommand>", Call("CLUSTER HELP").Items[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CLUSTER INFO")]
    [InlineData("READONLY")]
    [InlineData("READWRITE")]
    [InlineData("ASKING")]
    public void WithoutClusterMode_IsRefused(string line)
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        Assert.Equal("(error) ERR This instance has cluster support disabled", client.Call(line.Split(' ')).ToString());
    }

    private string Address(int silo) => $"[\"127.0.0.1\", (integer) {_cluster[silo].Port}, \"{Ids[silo]}\", []]";

    private RespValue Call(string line) => _client.Call(line.Split(' '));
}
