using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>Servers that share a cluster directory are one cluster.</summary>
public sealed class ServerClusterTests : IDisposable
{
    private const int Keys = 60;
    private const int Kill = 9;
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Start_Three_ShareTheSlotsAndRedirect()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 3, "--cluster-enabled", "yes");
        RespClient[] clients = [.. Enumerable.Range(0, 3).Select(cluster.Connect)];

        int[] takers = [.. Enumerable.Range(0, Keys).Select(i => SetByFollowing(cluster, clients, $"key:{i}"))];

        Assert.All(cluster.Ports, port => Assert.Contains(port, takers));
        Assert.Equal(Keys, clients.Sum(client => int.Parse(client.Call("DBSIZE").Text, CultureInfo.InvariantCulture)));
        foreach (RespClient client in clients) client.Dispose();
    }

    [Fact]
    public async Task Start_ThreeInProxyMode_EachServesEveryKey()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 3);
        RespClient[] clients = [.. Enumerable.Range(0, 3).Select(cluster.Connect)];

        for (int i = 0; i < Keys; i++)
            Assert.Equal("OK", clients[i % 3].Call("SET", $"key:{i}", $"value:{i}").Text);

        foreach (RespClient client in clients)
        {
            Assert.Equal($"{Keys}", client.Call("DBSIZE").Text);
            Assert.All(Enumerable.Range(0, Keys), i => Assert.Equal($"value:{i}", client.Call("GET", $"key:{i}").Text));
            client.Dispose();
        }
    }

    [Theory]
    [InlineData("no")]
    [InlineData("yes")]
    public async Task Publish_ReachesTheSubscribersOfAll(string clusterEnabled)
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 3, "--cluster-enabled", clusterEnabled);
        RespClient[] subscribers = [.. Enumerable.Range(0, 3).Select(cluster.Connect)];
        foreach (RespClient subscriber in subscribers) subscriber.Call("SUBSCRIBE", "news");
        using RespClient publisher = cluster.Connect(0);

        for (int i = 0; i < Keys; i++) publisher.Send(["PUBLISH", "news", $"{i}"]);
        publisher.Flush();

        for (int i = 0; i < Keys; i++)
        {
            Assert.Equal("(integer) 3", publisher.Read().ToString());
            Assert.All(subscribers, subscriber => Assert.Equal($"[\"message\", \"news\", \"{i}\"]", subscriber.Read().ToString()));
        }

        Assert.Equal("[\"news\", (integer) 3]", publisher.Call("PUBSUB", "NUMSUB", "news").ToString());
        foreach (RespClient subscriber in subscribers) subscriber.Dispose();
    }

    [Fact]
    public async Task Start_Gateway_ServesEveryKeyAndOwnsNoSlot()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 2);
        int port = Ports.Free();
        using ServerProcess gateway = await ServerCluster.StartOne(_directory, port, 2, "--role", "gateway").ReadyAsync();
        cluster.AwaitInfo(port, "cluster_slots_assigned:16384", "cluster_known_nodes:2");
        using RespClient client = RespClient.Connect(port);

        for (int i = 0; i < Keys; i++)
            Assert.Equal("OK", client.Call("SET", $"key:{i}", $"value:{i}").Text);

        Assert.Equal($"{Keys}", client.Call("DBSIZE").Text);
        using RespClient silo = cluster.Connect(1);
        Assert.All(Enumerable.Range(0, Keys), i => Assert.Equal($"value:{i}", silo.Call("GET", $"key:{i}").Text));
        using RespClient subscriber = RespClient.Connect(port);
        subscriber.Call("SUBSCRIBE", "news");
        Assert.Equal("(integer) 1", silo.Call("PUBLISH", "news", "x").ToString());
        Assert.Equal("x", subscriber.Read().Items[2].Text);
        Assert.Equal("(nil array)", client.Call("BLPOP", "queue", "0.05").ToString());
        gateway.Terminate();
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.Equal($"{Keys}", silo.Call("DBSIZE").Text);
    }

    [Theory]
    [InlineData("cluster-directory", "--role", "gateway")]
    [InlineData("cluster-enabled", "--role", "gateway", "--cluster-directory", "c", "--cluster-enabled", "yes")]
    public async Task Start_GatewayWithoutSilosToServe_Fails(string reason, params string[] arguments)
    {
        (int exitCode, _, string error) = await ServerProcess.RunAsync(_directory.Path, "", arguments);

        Assert.Equal(1, exitCode);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BLPop_OnAnyServer_IsServedInTurn()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 3);
        RespClient[] waiting = [.. Enumerable.Range(0, 6).Select(i => cluster.Connect(i % 3))];
        using RespClient pusher = cluster.Connect(0);
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i].Send(["BLPOP", "queue", "20"]);
            waiting[i].Flush();
            int server = i % 3;
            int count = (i / 3) + 1;
            using RespClient observer = cluster.Connect(server);
            Assert.True(Wait.Until(() => observer.Call("INFO", "clients").Text.Contains($"blocked_clients:{count}", StringComparison.Ordinal)));
        }

        Assert.Equal("OK", pusher.Call("WATCH", "queue").Text);
        Assert.Equal("OK", pusher.Call("MULTI").Text);
        Assert.Equal("QUEUED", pusher.Call("LLEN", "queue").Text);
        Assert.Equal("[(integer) 0]", pusher.Call("EXEC").ToString());
        pusher.Call("RPUSH", "queue", "0", "1", "2", "3", "4", "5");

        Assert.Equal(["0", "1", "2", "3", "4", "5"], waiting.Select(client => client.Read().Items[1].Text).Order(StringComparer.Ordinal));
        foreach (RespClient client in waiting) client.Dispose();
    }

    /// <summary>Waiting clients wait on at whoever owns their keys by then; what was watched on the dead server counts as changed.</summary>
    [Fact]
    public async Task Killed_ClientsThatWaitForItsKeys_AreServedByItsSuccessor()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 3);
        using RespClient client = cluster.Connect(0);
        string[] queues = [.. Enumerable.Range(0, 12).Select(i => $"queue:{i}")];
        foreach (int port in cluster.Ports)
        {
            using RespClient each = RespClient.Connect(port);
            Assert.True(Wait.Until(() => each.Call("WAIT", "1", "100").ToString() == "(integer) 1", 20_000), "There should be copies.");
        }

        RespClient[] waiting = [.. queues.Select((_, i) => cluster.Connect(i % 2))];
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i].Send(["BLPOP", queues[i], "60"]);
            waiting[i].Flush();
        }

        // Their owners have said for how long they wait: no call is under way.
        using RespClient second = cluster.Connect(1);
        foreach (RespClient observer in new[] { client, second })
            Assert.True(Wait.Until(() => observer.Call("INFO", "clients").Text.Contains("clients_in_timeout_table:6", StringComparison.Ordinal)));
        ServerProcess.Signal(cluster[2].Id, Kill);

        foreach (string queue in queues)
            Assert.True(Wait.Until(() => TryPush(cluster, queue, $"for {queue}"), 20_000), $"Nobody takes {queue}.");
        for (int i = 0; i < waiting.Length; i++)
            Assert.Equal($"for {queues[i]}", waiting[i].Read().Items[1].Text);
        foreach (RespClient each in waiting) each.Dispose();
    }

    /// <summary>It hangs for longer than the others wait; when it goes on it learns that it is dead.</summary>
    [Fact]
    public async Task DeclaredDead_ClosesItsClientsAndComesBackAsANewSilo()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 3);
        using RespClient client = cluster.Connect(2);
        Assert.Equal("OK", client.Call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru").Text);

        ServerProcess.Signal(cluster[2].Id, Stop);
        cluster.AwaitInfo(cluster.Ports[0], "cluster_known_nodes:2");
        ServerProcess.Signal(cluster[2].Id, Continue);

        Assert.True(client.WaitForClose());
        cluster.AwaitInfo(cluster.Ports[2], "cluster_known_nodes:3");
        using RespClient again = cluster.Connect(2);
        Assert.Contains($"process_id:{cluster[2].Id}\r\n", again.Call("INFO", "server").Text, StringComparison.Ordinal);
        Assert.Equal("allkeys-lru", again.Call("CONFIG", "GET", "maxmemory-policy").Items[1].Text);
        cluster[2].Terminate();
        Assert.Equal(0, await cluster[2].ExitAsync());
    }

    // A push on its way to a server that dies may have been executed: then the connection ends.
    private static bool TryPush(ServerCluster cluster, string key, string value)
    {
        using RespClient client = cluster.Connect(0);
        try
        {
            return client.Call("RPUSH", key, value).Kind == RespKind.Integer;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Sets a key where the first node sends the client, and gives the port that took it.
    private static int SetByFollowing(ServerCluster cluster, RespClient[] clients, string key)
    {
        string reply = clients[0].Call("SET", key, "value").Text;
        if (reply == "OK") return cluster.Ports[0];
        Assert.StartsWith("MOVED ", reply, StringComparison.Ordinal);
        int port = int.Parse(reply[(reply.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        Assert.Equal("OK", clients[Array.IndexOf(cluster.Ports, port)].Call("SET", key, "value").Text);
        return port;
    }
}
