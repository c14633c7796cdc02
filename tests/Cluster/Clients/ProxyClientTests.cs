using System.Globalization;
using OrleansKv.Drill.Servers;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>
/// Plain clients of several libraries, connected to one server, count while another one is killed and started again. A connection on which a
/// write was under way to the server that died is closed, since nobody knows whether it was executed; all others stay, and reads go on.
/// </summary>
[Collection(nameof(SharedServers))]
public sealed class ProxyClientTests(ProxyModeServers servers) : IClassFixture<ProxyModeServers>
{
    private const int Kept = 0;

    [PythonRedisFact]
    public void RedisPy_OtherServerKilled_KeepsItsConnection() => Ride(port => ScriptClient.RedisPy("py", false, port));

    [IoRedisFact]
    public void IoRedis_OtherServerKilled_KeepsItsConnection() => Ride(port => ScriptClient.IoRedis("io", false, port));

    [Fact]
    public void StackExchangeRedis_OtherServerKilled_KeepsItsConnection() => Ride(port => StackExchangeClient.Plain("se", port));

    [ToolFact("redis-cli")]
    public void RedisCli_OtherServerKilled_KeepsItsConnection() => Ride(port => new RedisCliClient("cli", false, port));

    /// <summary>A gateway has nothing that could be lost; its clients connect again once it is back.</summary>
    [Fact]
    public void Gateway_Killed_LosesNothing()
    {
        Drill.Servers.Cluster cluster = servers.Whole();
        using Node gateway = servers.Gateway(Ports.Pick(1, servers.Random)[0]);
        gateway.Start();
        Assert.True(Wait.Until(() => ClusterView.WhyNotCopied(gateway.Port, cluster.Nodes.Count, copies: 1) is null, servers.PatienceMs), gateway.Output);
        using var client = StackExchangeClient.Plain("gateway", gateway.Port);
        using var load = new CounterLoad(client);
        load.AwaitRound(servers.PatienceMs);

        gateway.Kill();
        gateway.Start();
        load.AwaitRound(servers.PatienceMs);
        load.Hold();

        AssertNothingLost(cluster, client);
    }

    /// <summary>A server that stops hands its slots over first, and is given some when it is back.</summary>
    [Fact]
    public void StackExchangeRedis_OtherServerLeavesAndJoins_NoticesNothing()
    {
        Drill.Servers.Cluster cluster = servers.Whole();
        using var client = StackExchangeClient.Plain("left", cluster.Nodes[Kept].Port, timeoutMs: 20_000);
        using (var load = new CounterLoad(client))
        {
            load.AwaitRound(servers.PatienceMs);
            long connection = client.Connection;
            Other(cluster).StopGracefully();
            load.AwaitRound(servers.PatienceMs);
            servers.Whole();
            load.AwaitRound(servers.PatienceMs);
            load.Hold();
            Assert.Equal(connection, client.Connection);
        }
        Assert.Null(client.Error);
        AssertNothingLost(cluster, client);
    }

    [Fact]
    public void Scan_OtherServerKilledAndStarted_ReturnsEveryKey()
    {
        Drill.Servers.Cluster cluster = servers.Whole();
        int port = cluster.Nodes[Kept].Port;
        using var scanner = new KeyScanner(port);
        using RespClient client = RespClient.Connect(port);
        long size = client.Call("DBSIZE").AsInteger();
        scanner.AwaitScans(servers.PatienceMs);
        Other(cluster).Kill();
        scanner.AwaitScans(servers.PatienceMs);
        Assert.Equal(size, client.Call("DBSIZE").AsInteger());
        servers.Whole();
        scanner.AwaitScans(servers.PatienceMs);
        Assert.Equal(size, client.Call("DBSIZE").AsInteger());
    }

    private static bool KnowsOf(RespClient server, int nodes) =>
        server.Call("INFO", "cluster").Text.Contains($"cluster_known_nodes:{nodes}\r\n", StringComparison.Ordinal);

    private Node Other(Drill.Servers.Cluster cluster) => cluster.Nodes[servers.Random.Next(Kept + 1, cluster.Nodes.Count)];

    private void Ride(Func<int, CounterClient> connect)
    {
        Drill.Servers.Cluster cluster = servers.Whole();
        Node victim = Other(cluster);
        int port = cluster.Nodes[Kept].Port;
        using CounterClient client = connect(port);
        Assert.True(Wait.Until(client.Round, servers.PatienceMs));
        using var reader = new KeyReader(port, client.Keys);
        using RespClient observer = RespClient.Connect(port);

        // Nothing that a server does not repeat is under way when it dies, nor until the others know.
        long connection = client.Connection;
        victim.Kill();
        Assert.True(Wait.Until(() => KnowsOf(observer, nodes: 2), servers.PatienceMs));
        Assert.True(client.Round(), $"An increment failed: {client.Error}");
        using (var load = new CounterLoad(client))
        {
            servers.Whole();
            load.AwaitRound(servers.PatienceMs);
            load.Hold();
        }
        Assert.Equal(connection, client.Connection);
        reader.End();
        AssertNothingLost(cluster, client);
    }

    private static void AssertNothingLost(Drill.Servers.Cluster cluster, CounterClient client)
    {
        using RespClient reader = RespClient.Connect(cluster.Nodes[Kept].Port);
        for (int i = 0; i < client.Keys.Length; i++)
        {
            long value = long.Parse(reader.Call("GET", client.Keys[i]).Text, CultureInfo.InvariantCulture);
            Assert.InRange(value, client.Acknowledged[i], client.Sent[i]);
        }
    }
}
