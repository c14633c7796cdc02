using OrleansKv.Contracts;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Channels are the cluster's: whichever gateway a message is published on, subscribers of all gateways receive it.</summary>
public sealed class ClusterPubSubTests : IDisposable
{
    private readonly List<RespClient> _clients = [];
    private TestCluster _cluster = new(3, clusterMode: false);

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        _cluster.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Publish_OnAnyGateway_ReachesSubscribersOfAll(bool clusterMode)
    {
        Use(clusterMode);
        var subscribers = Enumerable.Range(0, 3).Select(silo => Subscribe(silo, "SUBSCRIBE", "news")).ToArray();
        var pattern = Subscribe(2, "PSUBSCRIBE", "n?ws");
        for (var silo = 0; silo < 3; silo++) Assert.Equal("(integer) 4", Call(silo, "PUBLISH", "news", $"from {silo}"));
        Assert.Equal("(integer) 0", Call(0, "PUBLISH", "nothing", "x"));
        for (var silo = 0; silo < 3; silo++)
        {
            foreach (var subscriber in subscribers) Assert.Equal($"[\"message\", \"news\", \"from {silo}\"]", subscriber.Read().ToString());
            Assert.Equal($"[\"pmessage\", \"n?ws\", \"news\", \"from {silo}\"]", pattern.Read().ToString());
        }
    }

    [Fact]
    public void SPublish_InProxyMode_ReachesSubscribersOfAll()
    {
        var subscribers = Enumerable.Range(0, 3).Select(silo => Subscribe(silo, "SSUBSCRIBE", "shard")).ToArray();
        Assert.Equal("(integer) 3", Call(1, "SPUBLISH", "shard", "x"));
        Assert.Equal("(integer) 0", Call(1, "PUBLISH", "shard", "x"));
        foreach (var subscriber in subscribers) Assert.Equal("[\"smessage\", \"shard\", \"x\"]", subscriber.Read().ToString());
    }

    [Fact]
    public void SPublish_InClusterMode_ReachesSubscribersOfTheOwnersCopies()
    {
        Use(clusterMode: true);
        _cluster.Members = [_cluster.Members[0] with { Replicas = ["silo-2"], InSync = ["silo-2"] }, _cluster.Members[1], _cluster.Members[2]];
        _cluster.Nodes = [new MapNode(_cluster[2].Member.NodeId, "", _cluster[0].Member.NodeId)];
        _cluster.Assign(10922, 16383, _cluster[1]);
        var channel = _cluster.KeyOf(0, "c");
        _cluster[2].SetRole(TestCluster.SlotOf(channel), Engine.Keyspace.SlotRole.Replica);
        var owners = Subscribe(0, "SSUBSCRIBE", channel);
        var copys = Subscribe(2, "SSUBSCRIBE", channel);
        Assert.StartsWith("(error) MOVED", Call(1, "SSUBSCRIBE", channel), StringComparison.Ordinal);
        Assert.StartsWith("(error) MOVED", Call(1, "SPUBLISH", channel, "x"), StringComparison.Ordinal);
        Assert.Equal("(integer) 2", Call(0, "SPUBLISH", channel, "x"));
        foreach (var subscriber in new[] { owners, copys }) Assert.Equal($"[\"smessage\", \"{channel}\", \"x\"]", subscriber.Read().ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PubSub_TellsOfAllGateways(bool clusterMode)
    {
        Use(clusterMode);
        Subscribe(0, "SUBSCRIBE", "a", "b");
        Subscribe(1, "SUBSCRIBE", "b", "c");
        Subscribe(1, "PSUBSCRIBE", "x*", "y*");
        Subscribe(2, "PSUBSCRIBE", "x*");
        var shard = _cluster.KeyOf(0, "s");
        Subscribe(0, "SSUBSCRIBE", shard);

        Assert.Equal(["a", "b", "c"], List(2, "PUBSUB", "CHANNELS"));
        Assert.Equal(["b"], List(2, "PUBSUB", "CHANNELS", "[b]"));
        Assert.Equal("[\"b\", (integer) 2, \"c\", (integer) 1, \"d\", (integer) 0]", Call(2, "PUBSUB", "NUMSUB", "b", "c", "d"));
        Assert.Equal("[]", Call(2, "PUBSUB", "NUMSUB"));
        Assert.Equal("(integer) 2", Call(2, "PUBSUB", "NUMPAT"));
        Assert.Equal([shard], List(2, "PUBSUB", "SHARDCHANNELS"));
        Assert.Equal($"[\"{shard}\", (integer) 1]", Call(2, "PUBSUB", "SHARDNUMSUB", shard));
        Assert.StartsWith("(error) ERR", Call(2, "PUBSUB", "CHANNELS", "a", "b"), StringComparison.Ordinal);
    }

    [Fact]
    public void PipelinesOfPublishers_ArriveInTheirOrder()
    {
        const int count = 3000;
        var subscribers = Enumerable.Range(0, 3).Select(silo => Subscribe(silo, "SUBSCRIBE", "c")).ToArray();
        var publishers = Enumerable.Range(0, 3).Select(Connect).ToArray();
        for (var i = 0; i < count; i++)
            for (var silo = 0; silo < 3; silo++) publishers[silo].Send(["PUBLISH", "c", $"{silo}:{i}"]);
        foreach (var publisher in publishers) publisher.Flush();
        foreach (var publisher in publishers)
            for (var i = 0; i < count; i++) Assert.Equal("(integer) 3", publisher.Read().ToString());
        foreach (var subscriber in subscribers)
        {
            var next = new int[3];
            for (var i = 0; i < 3 * count; i++)
            {
                var parts = subscriber.Read().Items[2].Text.Split(':');
                Assert.Equal($"{next[int.Parse(parts[0], null)]++}", parts[1]);
            }
        }
    }

    [Fact]
    public void Message_ComesAfterWhatItsPublisherWroteBefore()
    {
        var subscriber = Subscribe(2, "SUBSCRIBE", "c");
        var key = _cluster.KeyOf(1, "k");
        var publisher = Connect(0);
        var reader = Connect(2);
        for (var i = 0; i < 200; i++)
        {
            publisher.Send(["SET", key, $"{i}"]);
            publisher.Send(["PUBLISH", "c", $"{i}"]);
            publisher.Flush();
            Assert.Equal($"{i}", subscriber.Read().Items[2].Text);
            Assert.Equal($"\"{i}\"", reader.Call("GET", key).ToString());
            Assert.Equal("OK", publisher.Read().ToString());
            Assert.Equal("(integer) 1", publisher.Read().ToString());
        }
    }

    [Fact]
    public void Exec_PublishesWhereverItIsExecuted()
    {
        var subscriber = Subscribe(2, "SUBSCRIBE", "c");
        var local = Subscribe(0, "SUBSCRIBE", "c");
        foreach (var silo in new[] { 0, 1 })
        {
            var key = _cluster.KeyOf(silo, "k");
            var client = Connect(0);
            foreach (var line in new[] { "MULTI", $"SET {key} 1", "PUBLISH c one", $"INCR {key}", "SPUBLISH c x", "PUBLISH c two" }) client.Call(line.Split(' '));

            // It does not wait for the other gateways: these are the receivers of its own.
            Assert.Equal("[OK, (integer) 1, (integer) 2, (integer) 0, (integer) 1]", client.Call("EXEC").ToString());
            foreach (var receiver in new[] { subscriber, local })
            {
                Assert.Equal("one", receiver.Read().Items[2].Text);
                Assert.Equal("two", receiver.Read().Items[2].Text);
            }
        }
    }

    [Theory]
    [InlineData((int)CallFault.Lost)]
    [InlineData((int)CallFault.ReplyLost)]
    public void CallsThatFail_AreMadeAgain_AndDeliverOnce(int fault)
    {
        var subscriber = Subscribe(1, "SUBSCRIBE", "c");
        var calls = 0;
        _cluster.Forwarder.Fault = _ => Interlocked.Increment(ref calls) % 3 != 0 ? (CallFault)fault : CallFault.None;
        for (var i = 0; i < 10; i++) Assert.Equal("(integer) 1", Call(0, "PUBLISH", "c", $"{i}"));
        for (var i = 0; i < 10; i++) Assert.Equal($"{i}", subscriber.Read().Items[2].Text);
    }

    [Fact]
    public void SiloThatHangs_IsWaitedForUntilItIsGone()
    {
        var subscriber = Subscribe(1, "SUBSCRIBE", "c");
        _cluster.Forwarder.Hold("silo-2");
        var publisher = Connect(0);
        publisher.Send(["PUBLISH", "c", "x"]);
        publisher.Flush();
        Assert.Equal("x", subscriber.Read().Items[2].Text);
        _cluster.Members = _cluster.Members[..2];
        _cluster.Assign(10922, 16383, _cluster[1]);
        Assert.Equal("(integer) 1", publisher.Read().ToString());
        Assert.Equal("(integer) 1", publisher.Call("PUBLISH", "c", "y").ToString());
        _cluster.Forwarder.LetGo("silo-2");
    }

    [Fact]
    public void KeyspaceEvents_InProxyMode_ReachClientsOfAllGateways()
    {
        _cluster.Dispose();
        _cluster = new TestCluster(3, clusterMode: false, (_, config) => config.KeyspaceEvents = Engine.Configuration.KeyspaceEventClasses.Keyspace
            | Engine.Configuration.KeyspaceEventClasses.String);
        var key = _cluster.KeyOf(1, "k");
        var subscribers = Enumerable.Range(0, 3).Select(silo => Subscribe(silo, "PSUBSCRIBE", "__keyspace@0__:*")).ToArray();
        Call(0, "SET", key, "1");
        Call(2, "INCR", key);
        foreach (var subscriber in subscribers)
        {
            Assert.Equal("set", subscriber.Read().Items[3].Text);
            Assert.Equal("incrby", subscriber.Read().Items[3].Text);
        }
    }

    private void Use(bool clusterMode)
    {
        _cluster.Dispose();
        _cluster = new TestCluster(3, clusterMode);
    }

    private RespClient Connect(int silo)
    {
        var client = _cluster[silo].Connect();
        _clients.Add(client);
        return client;
    }

    private RespClient Subscribe(int silo, params string[] command)
    {
        var client = Connect(silo);
        client.Send(command);
        client.Flush();
        for (var i = 1; i < command.Length; i++) Assert.Equal($"(integer) {i}", client.Read().Items[2].ToString());
        return client;
    }

    private string Call(int silo, params string[] command)
    {
        using var client = _cluster[silo].Connect();
        return client.Call(command).ToString();
    }

    private IEnumerable<string> List(int silo, params string[] command) =>
        Connect(silo).Call(command).Items.Select(item => item.Text).Order(StringComparer.Ordinal);
}
