using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OrleansKv.Drill.Client;

namespace OrleansKv.Drill.Servers;

/// <summary>What <c>redis-cli --cluster check</c> says: every slot is covered, the nodes agree, none is open.</summary>
/// <param name="IsClean">Null where it was not asked.</param>
/// <param name="Output">All that it printed.</param>
internal readonly record struct CheckResult(bool? IsClean, string Output);

/// <summary>A cluster of processes on this machine, in a directory of its own. Disposing ends all of it.</summary>
internal sealed class Cluster : IDisposable
{
    private const int PollMs = 20;
    private const int CreateMs = 120_000;
    private const int CheckMs = 30_000;
    private const string Covered = "[OK] All 16384 slots covered.";

    private readonly string _directory;
    private readonly int _replicas;
    private readonly int _shownReplicas;
    private readonly ServerKind _kind;
    private readonly CancellationToken _stop;

    private Cluster(string directory, List<Node> nodes, ServerKind kind, int replicas, Isolation? networks, CancellationToken stop)
    {
        Networks = networks;
        _directory = directory;
        Nodes = nodes;
        _replicas = replicas;
        // Nodes that find each other share the slots among all of them, and nobody is a replica by trade.
        _shownReplicas = kind.IsCreatedByRedisCli ? replicas : 0;
        _kind = kind;
        _stop = stop;
    }

    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>The nodes' networks; null where they share one.</summary>
    public Isolation? Networks { get; }

    /// <summary>The directory that its nodes share.</summary>
    public string SharedDirectory => SharedIn(_directory);

    public IReadOnlyList<int> Ports => [.. Nodes.Select(node => node.Port)];

    /// <summary>Starts the processes and, where they do not find each other by themselves, makes them a cluster; waits until it is whole.</summary>
    public static Cluster Start(
        ServerKind kind, int count, int replicas, bool isIsolated, string parent, int startMs, Random random, CancellationToken stop)
    {
        Isolation? networks = isIsolated ? Isolation.SetUp(count) : null;
        string directory = Path.Combine(Path.GetFullPath(parent), $"orleanskv-drill-{Environment.ProcessId}-{Environment.TickCount64}");
        int[] ports = Servers.Ports.Pick(count, random);
        var nodes = new List<Node>();
        for (int i = 0; i < count; i++)
        {
            string own = Path.Combine(directory, $"{i}");
            if (networks is not null)
                Endpoints.Set(ports[i], Isolation.HostOf(i));
            IReadOnlyList<string> command = kind.Command(
                ports[i], own, SharedIn(directory), count, replicas, Endpoints.HostOf(ports[i]).ToString());
            nodes.Add(new Node(i, ports[i], own, networks is null ? command : [.. Isolation.Prefix(i), .. command]));
        }
        var cluster = new Cluster(directory, nodes, kind, replicas, networks, stop);
        try
        {
            nodes.ForEach(node => node.Start());
            if (kind.IsCreatedByRedisCli)
                cluster.Create(startMs);
            cluster.WaitUntilWhole(startMs);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Waits until every running node sees every slot served, and copied where copies are shown; throws when that takes too long.</summary>
    public void WaitUntilWhole(int timeoutMs)
    {
        long start = Stopwatch.GetTimestamp();
        while (WhyNotWhole() is { } why)
        {
            _stop.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > timeoutMs)
                throw new InvalidOperationException($"the cluster is not whole after {timeoutMs} ms: {why}\n{Nodes[0].Output}");
            _stop.WaitHandle.WaitOne(PollMs);
        }
    }

    /// <summary>Why it is not whole, or null.</summary>
    public string? WhyNotWhole()
    {
        foreach (Node node in Nodes)
        {
            if (!node.IsRunning || node.IsPaused)
                return $"node {node.Index} does not run";
            string? why = _kind.TellsCopies
                ? ClusterView.WhyNotCopied(node.Port, Nodes.Count, Math.Min(_replicas, Nodes.Count - 1))
                : ClusterView.WhyNotWhole(node.Port, Nodes.Count, _shownReplicas);
            if (why is not null)
                return $"node {node.Index}: {why}";
        }
        return null;
    }

    /// <summary>Asks <c>redis-cli --cluster check</c>; not of proxies, which are no nodes, nor where there is no redis-cli.</summary>
    public CheckResult Check()
    {
        if (_kind.IsProxy || !RedisCli.IsThere)
            return new CheckResult(null, "");
        (int exitCode, string output) = RedisCli.Run(CheckMs, "--cluster", "check", $"{Endpoints.HostOf(Nodes[0].Port)}:{Nodes[0].Port}");
        return new CheckResult(exitCode == 0 && output.Contains(Covered, StringComparison.Ordinal), output);
    }

    /// <summary>The nodes that own slots now; where nodes do not tell, those that run.</summary>
    public IReadOnlyList<Node> Owners()
    {
        if (_kind.IsProxy)
            return [.. Nodes.Where(node => node is { IsRunning: true, IsPaused: false })];
        var owners = ClusterView.Owners(Nodes.First(node => node is { IsRunning: true, IsPaused: false }).Port).ToHashSet();
        return [.. Nodes.Where(node => owners.Contains(node.Port))];
    }

    /// <summary>Whether the others know a node, which may just be starting, as an owner of slots.</summary>
    public bool OwnsSlots(Node node)
    {
        try
        {
            return _kind.IsProxy ? ClusterView.Answers(node.Port) : ClusterView.Owners(Nodes.First(other => other != node).Port).Contains(node.Port);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (Node node in Nodes)
            node.Dispose();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }

    private static string SharedIn(string directory) => Path.Combine(directory, "shared");

    private void Create(int startMs)
    {
        WaitUntilAnswering(startMs);
        string[] arguments =
        [
            "--cluster", "create", .. Nodes.Select(node => $"127.0.0.1:{node.Port}"),
            "--cluster-replicas", _replicas.ToString(CultureInfo.InvariantCulture), "--cluster-yes",
        ];
        (int exitCode, string output) = RedisCli.Run(CreateMs, arguments);
        if (exitCode != 0)
            throw new InvalidOperationException($"redis-cli {string.Join(' ', arguments)} failed:\n{output}");
    }

    private void WaitUntilAnswering(int timeoutMs)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (Node node in Nodes)
        {
            while (!ClusterView.Answers(node.Port))
            {
                _stop.ThrowIfCancellationRequested();
                if (!node.IsRunning || Stopwatch.GetElapsedTime(start).TotalMilliseconds > timeoutMs)
                    throw new InvalidOperationException($"node {node.Index} does not answer:\n{node.Output}");
                _stop.WaitHandle.WaitOne(PollMs);
            }
        }
    }
}
