using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>Several servers with one cluster directory; ended with the test.</summary>
internal sealed class ServerCluster : IDisposable
{
    private const int PatienceMs = 30_000;

    private readonly ServerProcess[] _servers;

    private ServerCluster(int[] ports, ServerProcess[] servers)
    {
        Ports = ports;
        _servers = servers;
    }

    public int[] Ports { get; }

    public ServerProcess this[int index] => _servers[index];

    /// <summary>Starts them side by side; done when every one says that all slots are served.</summary>
    public static async Task<ServerCluster> StartAsync(TemporaryDirectory directory, int count, params string[] arguments)
    {
        int[] ports = [.. Enumerable.Range(0, count).Select(_ => Tests.Ports.Free())];
        var servers = await Task.WhenAll(ports.Select(port => StartOne(directory, port, count, arguments).ReadyAsync()));
        var cluster = new ServerCluster(ports, servers);
        foreach (int port in ports)
            cluster.AwaitInfo(port, "cluster_slots_assigned:16384", "cluster_slots_ok:16384", $"cluster_known_nodes:{count}");
        return cluster;
    }

    /// <summary>Starts a server of its own beside those of a cluster that is there.</summary>
    public static ServerProcess StartOne(TemporaryDirectory directory, int port, int initialSilos, params string[] arguments)
    {
        string path = directory.Combine($"{port}");
        Directory.CreateDirectory(path);
        return ServerProcess.Start(
            path,
            [
                "--port", $"{port}", "--cluster-port", $"{Tests.Ports.Free()}", "--cluster-directory", directory.Combine("cluster"),
                "--cluster-initial-silos", $"{initialSilos}", .. arguments,
            ]);
    }

    public RespClient Connect(int index) => RespClient.Connect(Ports[index]);

    /// <summary>Waits until the server says these lines about its cluster.</summary>
    public void AwaitInfo(int port, params string[] lines)
    {
        string said = "";
        Assert.True(Wait.Until(() => lines.All((said = InfoOf(port)).Split("\r\n").Contains), PatienceMs), said);
    }

    public void Dispose()
    {
        foreach (ServerProcess server in _servers)
            server.Dispose();
    }

    private static string InfoOf(int port)
    {
        try
        {
            using RespClient client = RespClient.Connect(port);
            return client.Call("INFO", "cluster").Text;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            return e.Message;
        }
    }
}
