using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>Nodes that start alone, and are made a cluster by redis-cli as those of Redis are.</summary>
public sealed class ClassicClusterTests : IDisposable
{
    private const int PatienceMs = 30_000;
    private const int Keys = 3000;
    private const int Counters = 50;
    private const int Writes = 400 * Counters;

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
    public async Task Master_ThatIsKilled_IsReplacedByItsReplicaAndComesBackAsOne()
    {
        await StartAsync(4);
        Cli("yes", ["create", .. Enumerable.Range(0, 3).Select(Address)]);
        AwaitCovered(knownNodes: 3);
        string id = Ask(2, "CLUSTER", "MYID");
        Follow("SET foo bar\n");
        Cli("", ["add-node", Address(3), Address(0), "--cluster-slave", "--cluster-master-id", id]);
        Assert.True(Wait.Until(() => Ask(3, "INFO", "replication").Contains("master_link_status:up", StringComparison.Ordinal), PatienceMs));
        using (RespClient reader = RespClient.Connect(_nodes[3].Port))
        {
            Assert.StartsWith("MOVED 12182 ", reader.Call("GET", "foo").Text, StringComparison.Ordinal);
            reader.Call("READONLY");
            Assert.Equal("bar", reader.Call("GET", "foo").Text);
        }

        _nodes[2].Process.Dispose();
        Assert.True(Wait.Until(() => Ask(3, "GET", "foo") == "bar", PatienceMs));
        AwaitCovered(knownNodes: 3, nodes: [0, 1, 3]);
        _nodes[2] = _nodes[2] with { Process = Start(_nodes[2].Port, _nodes[2].SiloPort) };
        await _nodes[2].Process.ReadyAsync();

        AwaitCovered(knownNodes: 4);
        Assert.Contains($"{id} {Address(2)}@0 myself,slave {Ask(3, "CLUSTER", "MYID")} ", Ask(2, "CLUSTER", "NODES"), StringComparison.Ordinal);
        Assert.Equal(id + "\n", await File.ReadAllTextAsync(_directory.Combine(ConfigFile(_nodes[2].Port))));
    }

    /// <summary>Counters are counted up all the while: none of it is lost, and none done twice.</summary>
    [ToolFact("redis-cli")]
    public async Task RedisCli_MovesSlotsUnderWrites()
    {
        await StartAsync(5);
        Cli("yes", ["create", .. Enumerable.Range(0, 3).Select(Address)]);
        AwaitCovered(knownNodes: 3);
        Follow(string.Concat(Enumerable.Range(0, Keys).Select(i => $"SET key:{i} value:{i}\n")));
        Task<string> writer = Task.Run(() => Follow(string.Concat(Enumerable.Range(0, Writes).Select(i => $"INCR counter:{i % Counters}\n"))));

        Cli("", ["add-node", Address(3), Address(0)]);
        AwaitCovered(knownNodes: 4);
        string added = Ask(3, "CLUSTER", "MYID");
        Cli("", ["reshard", Address(1), "--cluster-from", Ask(0, "CLUSTER", "MYID"), "--cluster-to", added, "--cluster-slots", "30", "--cluster-yes"]);
        Assert.Equal(30, SlotsOf(3));
        Cli("", ["rebalance", Address(2), "--cluster-use-empty-masters", "--cluster-weight", $"{added}=0.02"]);
        Assert.InRange(SlotsOf(3), 90, 130);
        Cli("", ["add-node", Address(4), Address(0), "--cluster-slave", "--cluster-master-id", added]);
        Assert.True(Wait.Until(() => Ask(4, "CLUSTER", "NODES").Contains($"myself,slave {added}", StringComparison.Ordinal), PatienceMs));
        Assert.Equal("OK", Ask(4, "CLUSTER", "FAILOVER"));
        Assert.True(Wait.Until(() => Ask(3, "CLUSTER", "NODES").Contains("myself,slave", StringComparison.Ordinal), PatienceMs), Ask(3, "CLUSTER", "NODES"));

        AwaitCovered(knownNodes: 5);
        Assert.Contains("[OK] All 16384 slots covered.", Cli("", ["check", Address(2)]), StringComparison.Ordinal);
        Assert.DoesNotContain("ERR", await writer, StringComparison.Ordinal);
        string[] values = Lines(Follow(string.Concat(Enumerable.Range(0, Keys).Select(i => $"GET key:{i}\n"))));
        Assert.Equal(Enumerable.Range(0, Keys).Select(i => $"value:{i}"), values);
        string[] counts = Lines(Follow(string.Concat(Enumerable.Range(0, Counters).Select(i => $"GET counter:{i}\n"))));
        Assert.Equal(Enumerable.Repeat($"{Writes / Counters}", Counters), counts);
    }

    private static string[] Lines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("-> Redirected", StringComparison.Ordinal))];

    // Has redis-cli execute commands wherever it is sent.
    private string Follow(string commands) => RunResult.Of("redis-cli", ["-c", "-p", $"{_nodes[0].Port}"], commands, timeoutMs: 120_000).Output;

    // The slots of a node, as it shows them itself: "… connected 0-5 7".
    private int SlotsOf(int node)
    {
        string self = Ask(node, "CLUSTER", "NODES").Split('\n').Single(line => line.Contains("myself", StringComparison.Ordinal));
        return self.Split(' ')[8..].Sum(range =>
        {
            int[] ends = [.. range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            return ends[^1] - ends[0] + 1;
        });
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

    private void AwaitCovered(int knownNodes, int[]? nodes = null)
    {
        string said = "";
        string[] lines = ["cluster_state:ok", $"cluster_known_nodes:{knownNodes}"];
        foreach (int node in nodes ?? [.. Enumerable.Range(0, knownNodes)])
            Assert.True(Wait.Until(() => lines.All((said = Ask(node, "CLUSTER", "INFO")).Split("\r\n").Contains), PatienceMs), said);
    }
}
