using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>The process with cluster-enabled: it joins the slot map of its silo before it lets clients in.</summary>
public sealed class ClusterModeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Start_AloneInItsCluster_OwnsEverySlot()
    {
        int port = Ports.Free();
        using ServerProcess server = await StartAsync(port);
        using RespClient client = RespClient.Connect(port);

        Assert.Contains("cluster_state:ok", client.Call("CLUSTER", "INFO").Text, StringComparison.Ordinal);
        Assert.Contains("cluster_slots_assigned:16384", client.Call("CLUSTER", "INFO").Text, StringComparison.Ordinal);
        Assert.Equal("OK", client.Call("SET", "key", "value").Text);
        Assert.Equal("value", client.Call("GET", "key").Text);
    }

    [Fact]
    public async Task Start_Again_IsTheSameNode()
    {
        string first = await MyIdAsync();
        string second = await MyIdAsync();

        Assert.Matches("^[0-9a-f]{40}$", first);
        Assert.Equal(first, second);
        Assert.Equal(first + "\n", await File.ReadAllTextAsync(_directory.Combine("nodes.conf")));
    }

    private async Task<string> MyIdAsync()
    {
        int port = Ports.Free();
        using ServerProcess server = await StartAsync(port);
        using RespClient client = RespClient.Connect(port);
        return client.Call("CLUSTER", "MYID").Text;
    }

    private Task<ServerProcess> StartAsync(int port) =>
        ServerProcess.Start(_directory.Path, "--port", $"{port}", "--cluster-enabled", "yes").ReadyAsync();
}
