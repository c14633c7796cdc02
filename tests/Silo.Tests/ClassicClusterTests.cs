using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>Nodes that start alone, and are made a cluster by redis-cli as those of Redis are.</summary>
public sealed class ClassicClusterTests : IDisposable
{
    private const int PatienceMs = 30_000;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<(int Port, int SiloPort, ServerProcess Process)> _nodes = [];

    public void Dispose()
    {
        foreach (var node in _nodes) node.Process.Dispose();
        _directory.Dispose();
    }

    [ToolFact("redis-cli")]
    public async Task RedisCli_CreatesChangesAndMendsACluster()
    {
        await StartAsync(7);
        Assert.Contains("cluster_known_nodes:1\r\n", Ask(0, "CLUSTER", "INFO"), StringComparison.Ordinal);
        Cli("yes", ["create", .. Enumerable.Range(0, 6).Select(Address), "--cluster-replicas", "1"]);
        AwaitCovered(knownNodes: 6);
        Assert.Contains("[OK] All 16384 slots covered.", Cli("", ["check", Address(5)]), StringComparison.Ordinal);
        Assert.Contains("in 3 masters.", Cli("", ["info", Address(0)]), StringComparison.Ordinal);
        Assert.Equal(3, Ask(0, "CLUSTER", "NODES").Split('\n').Count(line => line.Contains("slave", StringComparison.Ordinal)));
        Assert.Contains(Ask(4, "CLUSTER", "MYID"), Cli("", ["call", Address(0), "cluster", "myid"]), StringComparison.Ordinal);

        Cli("", ["add-node", Address(6), Address(1)]);
        AwaitCovered(knownNodes: 7);
        string added = Ask(6, "CLUSTER", "MYID");
        Cli("", ["del-node", Address(0), added]);
        AwaitCovered(knownNodes: 6);
        Assert.Contains("cluster_known_nodes:1\r\n", Ask(6, "CLUSTER", "INFO"), StringComparison.Ordinal);
        Assert.Equal(added, Ask(6, "CLUSTER", "MYID"));

        Assert.Equal("OK", Ask(0, "CLUSTER", "DELSLOTS", "0", "1"));
        Cli("yes", ["fix", Address(1)]);
        AwaitCovered(knownNodes: 6);
        Assert.Contains("[OK] All 16384 slots covered.", Cli("", ["check", Address(2)]), StringComparison.Ordinal);
    }

    [ToolFact("redis-cli")]
    public async Task Node_ThatIsKilledAndStartsAgain_IsInItsClusterAgain()
    {
        await StartAsync(3);
        Cli("yes", ["create", .. Enumerable.Range(0, 3).Select(Address)]);
        AwaitCovered(knownNodes: 3);
        string id = Ask(2, "CLUSTER", "MYID");

        _nodes[2].Process.Dispose();
        Assert.True(Wait.Until(() => Ask(0, "CLUSTER", "INFO").Contains("cluster_known_nodes:2\r\n", StringComparison.Ordinal), PatienceMs));
        _nodes[2] = _nodes[2] with { Process = Start(_nodes[2].Port, _nodes[2].SiloPort) };
        await _nodes[2].Process.ReadyAsync();

        AwaitCovered(knownNodes: 3);
        Assert.Equal(id, Ask(2, "CLUSTER", "MYID"));
        Assert.Equal(id + "\n", await File.ReadAllTextAsync(_directory.Combine(ConfigFile(_nodes[2].Port))));
    }

    private static string ConfigFile(int port) => $"nodes-{port}.conf";

    private async Task StartAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            var (port, siloPort) = (Ports.Free(), Ports.Free());
            _nodes.Add((port, siloPort, Start(port, siloPort)));
        }

        await Task.WhenAll(_nodes.Select(node => node.Process.ReadyAsync()));
    }

    private ServerProcess Start(int port, int siloPort) => ServerProcess.Start(
        _directory.Path, "--port", $"{port}", "--cluster-port", $"{siloPort}", "--cluster-enabled", "yes", "--cluster-auto-assign", "no",
        "--cluster-config-file", ConfigFile(port));

    private string Address(int node) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_nodes[node].Port}");

    private string Ask(int node, params string[] command)
    {
        using RespClient client = RespClient.Connect(_nodes[node].Port);
        return client.Call(command).Text;
    }

    // What redis-cli --cluster says, without its colours. It is to succeed.
    private static string Cli(string answer, string[] arguments)
    {
        RunResult result = RunResult.Of("redis-cli", ["--cluster", .. arguments], answer + "\n");
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    private void AwaitCovered(int knownNodes)
    {
        string said = "";
        string[] lines = ["cluster_state:ok", $"cluster_known_nodes:{knownNodes}"];
        for (int node = 0; node < Math.Min(knownNodes, _nodes.Count); node++)
        {
            int asked = node;
            Assert.True(Wait.Until(() => lines.All((said = Ask(asked, "CLUSTER", "INFO")).Split("\r\n").Contains), PatienceMs), said);
        }
    }
}
