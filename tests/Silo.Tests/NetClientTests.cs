using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>The sample program calls the grains of a cluster of servers.</summary>
public sealed class NetClientTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Sample_ThroughAnyServers_ReachesEverySlot()
    {
        int[] ports = [Ports.Free(), Ports.Free()];
        int[] clientPorts = [Ports.Free(), Ports.Free()];
        ServerProcess[] servers = await Task.WhenAll(Enumerable.Range(0, 2).Select(i =>
            ServerCluster.StartOne(_directory, ports[i], 2, "--cluster-client-port", $"{clientPorts[i]}").ReadyAsync()));
        using RespClient client = RespClient.Connect(ports[0]);
        Assert.True(Wait.Until(() => client.Call("SET", "k", "1").Text == "OK", 30_000));
        var output = new StringWriter();

        await Samples.NetClient.Program.RunAsync([.. clientPorts.Select(port => $"127.0.0.1:{port}")], output);

        Assert.Equal(
            [
                "greeting: hello", "session ends in 1800 s", "extended: True", "cart: apples, pears",
                "LPOP: WRONGTYPE Operation against a key holding the wrong kind of value", "deleted greeting: True", "deleted session: True",
                "deleted {cart}:8: True",
            ],
            output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("(integer) 1", client.Call("DBSIZE").ToString());
        foreach (ServerProcess server in servers) server.Dispose();
    }
}
