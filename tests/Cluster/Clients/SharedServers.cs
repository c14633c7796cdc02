using System.Diagnostics;
using OrleansKv.Drill.Servers;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>Three servers for all tests of a class; the first that runs starts them, so that skipped ones cost nothing.</summary>
public abstract class SharedServers(bool isProxy) : IDisposable
{
    protected const int Count = 3;
    private const int Replicas = 1;
    private const int StartMs = 120_000;
    private const int SettledMs = 500;
    // Of all tests of a class, starting the servers included: a minute, and two and a half where 70 processes had two processors.
    private const int TotalMs = 400_000;
    private const int MostPatienceMs = 60_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("orleanskv-clients-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _begun = Stopwatch.GetTimestamp();
    private Drill.Servers.Cluster? _cluster;
    private string? _epoch;
    private long _since;

    internal Random Random { get; } = new(Environment.TickCount ^ Environment.ProcessId);

    /// <summary>
    /// Milliseconds that a test may wait for something. Libraries wait for longer than the servers need: redis-py asks a dead server five times
    /// before it asks another one, StackExchange.Redis lets several commands run into their timeouts. All tests together never take more than their time.
    /// </summary>
    internal int PatienceMs => Math.Clamp(TotalMs - (int)Stopwatch.GetElapsedTime(_begun).TotalMilliseconds, 0, MostPatienceMs);

    /// <summary>The servers, all of them running, every slot with its copy, and none on its way: one that has just moved has no copy yet.</summary>
    internal Drill.Servers.Cluster Whole()
    {
        Environment.SetEnvironmentVariable("ORLEANSKV", Path.ChangeExtension(ServerCommand.SiloAssembly, null));
        _cluster ??= Drill.Servers.Cluster.Start(
            ServerKind.OrleansKv(isProxy, ""), Count, Replicas, isIsolated: false, _directory, StartMs, Random, _stop.Token);
        foreach (Node node in _cluster.Nodes.Where(node => !node.IsRunning))
            node.Start();
        Assert.True(Wait.Until(IsSettled, PatienceMs), _cluster.WhyNotWhole());
        return _cluster;
    }

    // Every move and every copy makes a new version of the map, which shows as the epoch.
    private bool IsSettled()
    {
        string? epoch = _cluster!.WhyNotWhole() is null ? Epoch() : null;
        if (epoch is null || epoch != _epoch)
            (_epoch, _since) = (epoch, Stopwatch.GetTimestamp());
        return epoch is not null && Stopwatch.GetElapsedTime(_since).TotalMilliseconds > SettledMs;
    }

    private string Epoch()
    {
        using RespClient client = RespClient.Connect(_cluster!.Nodes[0].Port);
        return client.Call("INFO", "cluster").Text.Split("\r\n").Single(line => line.StartsWith("cluster_current_epoch", StringComparison.Ordinal));
    }

    /// <summary>A process beside them that owns nothing.</summary>
    internal Node Gateway(int port)
    {
        ServerKind kind = ServerKind.OrleansKv(isProxy, "--role gateway");
        string own = Path.Combine(_directory, "gateway");
        return new Node(Count, port, own, kind.Command(port, own, _cluster!.SharedDirectory, Count, Replicas));
    }

    public void Dispose()
    {
        _cluster?.Dispose();
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
    }
}

/// <summary>They send clients on.</summary>
public sealed class ClusterModeServers() : SharedServers(isProxy: false);

/// <summary>Each serves every key.</summary>
public sealed class ProxyModeServers() : SharedServers(isProxy: true);
