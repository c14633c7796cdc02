using System.Globalization;
using OrleansKv.Drill.Client;
using OrleansKv.Drill.Servers;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>
/// The cluster clients of several libraries count while a server is killed, and while it is started again. They go on by themselves, nothing
/// that was acknowledged is lost, and nothing is there that was not sent.
/// </summary>
[Collection(nameof(SharedServers))]
public sealed class ClusterClientTests(ClusterModeServers servers) : IClassFixture<ClusterModeServers>
{
    private const int ReplyMs = 1000;

    [PythonRedisFact]
    public void RedisPy_ServerKilledAndStarted_GoesOn() => Ride(ports => ScriptClient.RedisPy("py", true, ports));

    [IoRedisFact]
    public void IoRedis_ServerKilledAndStarted_GoesOn() => Ride(ports => ScriptClient.IoRedis("io", true, ports));

    [Fact]
    public void StackExchangeRedis_ServerKilledAndStarted_GoesOn() => Ride(ports => StackExchangeClient.Cluster("se", ports));

    /// <summary>Where redis-cli -c was sent last is where it asks first; it knows no other server when that one is dead.</summary>
    [ToolFact("redis-cli")]
    public void RedisCli_ServerKilledAndStarted_GoesOn() => Ride(ports => new RedisCliClient("cli", true, ports[0]), goesOnMeanwhile: false);

    [Fact]
    public void StackExchangeRedis_ServerLeavesAndJoins_GoesOn() =>
        Ride(ports => StackExchangeClient.Cluster("left", ports), end: server => server.StopGracefully());

    private void Ride(Func<IReadOnlyList<int>, CounterClient> connect, bool goesOnMeanwhile = true, Action<Node>? end = null)
    {
        Drill.Servers.Cluster cluster = servers.Whole();
        using CounterClient client = connect(cluster.Ports);
        using (var load = new CounterLoad(client))
        {
            load.AwaitRound(servers.PatienceMs);
            Node victim = cluster.Nodes[servers.Random.Next(cluster.Nodes.Count)];
            if (end is null)
                victim.Kill();
            else
                end(victim);
            if (goesOnMeanwhile)
                load.AwaitRound(servers.PatienceMs, $"without server {victim.Index}");
            else
                AwaitServed(cluster, client, victim);

            servers.Whole();
            load.AwaitRound(servers.PatienceMs, $"after server {victim.Index} came back");
            load.Hold();
        }
        AssertNothingLost(cluster, client);
        // Slots may still be on their way to the server that came back.
        CheckResult check = default;
        Assert.True(Wait.Until(() => (check = cluster.Check()).IsClean is not false, servers.PatienceMs), check.Output);
    }

    private void AwaitServed(Drill.Servers.Cluster cluster, CounterClient client, Node victim)
    {
        using ClusterClient reader = Reader([.. cluster.Ports.Where(port => port != victim.Port)]);
        Assert.All(client.Keys, key => Read(reader, key));
    }

    private void AssertNothingLost(Drill.Servers.Cluster cluster, CounterClient client)
    {
        using ClusterClient reader = Reader(cluster.Ports);
        for (int i = 0; i < client.Keys.Length; i++)
            Assert.InRange(Read(reader, client.Keys[i]), client.Acknowledged[i], client.Sent[i]);
    }

    private ClusterClient Reader(IReadOnlyList<int> ports) => new(ports, ReplyMs, servers.Random, new ErrorCounts(), TimeProvider.System);

    private long Read(ClusterClient reader, string key)
    {
        Outcome outcome = Outcome.Unknown;
        Assert.True(Wait.Until(() => (outcome = reader.Call(HashSlot.Of(key), "GET", key)).Fate == Fate.Done, servers.PatienceMs), $"Nobody serves {key}.");
        return long.Parse(outcome.Reply!.Text!, CultureInfo.InvariantCulture);
    }
}
