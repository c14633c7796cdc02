using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>A value may be longer than Orleans's messages are by default, which is 100 MiB.</summary>
public sealed class BigValueTests : IDisposable
{
    private const int BigBytes = 150 << 20;
    private const int PatienceMs = 60_000;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Set_LongerThanAMessageByDefault_IsForwardedAndReadBack()
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(_directory, 2, "--cluster-enabled", "yes");
        AwaitCopies(cluster);
        int gatewayPort = Ports.Free();
        using ServerProcess gateway = await ServerCluster.StartOne(_directory, gatewayPort, 2, "--role", "gateway").ReadyAsync();
        cluster.AwaitInfo(gatewayPort, "cluster_slots_assigned:16384", "cluster_known_nodes:2");
        using RespClient client = RespClient.Connect(gatewayPort, PatienceMs);
        string value = string.Create(BigBytes, 0, static (text, _) =>
        {
            for (int i = 0; i < text.Length; i++) text[i] = (char)('a' + (i % 23));
        });

        // Synchronous replication: the answer comes when the copy has it too.
        Assert.Equal("OK", client.Call("SET", "big", value).Text);
        Assert.Equal("OK", client.Call("SET", "{big}after", "goes on").Text);
        AssertIs(value, client.Call("GET", "big"));
        Assert.Equal("goes on", client.Call("GET", "{big}after").Text);
    }

    private static void AwaitCopies(ServerCluster cluster)
    {
        foreach (int port in cluster.Ports)
        {
            using RespClient each = RespClient.Connect(port);
            Assert.True(Wait.Until(() => each.Call("WAIT", "1", "100").ToString() == "(integer) 1", PatienceMs), "There should be copies.");
        }
    }

    private static void AssertIs(string value, RespValue reply) =>
        Assert.True(value == reply.Text, reply.Text.Length == value.Length ? "Other bytes." : reply.ToString()[..Math.Min(200, reply.ToString().Length)]);
}
