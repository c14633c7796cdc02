using System.Diagnostics;
using OrleansKv.Drill.Linearizability;
using OrleansKv.Drill.Load;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Load;

/// <summary>All clients at once against a server that misbehaves.</summary>
public sealed class ClusterLoadTests : IDisposable
{
    private const int EnoughCommands = 3_000;

    private readonly FakeServer _server = new();
    private readonly ClusterLoad _load;
    private int _commands;

    public ClusterLoadTests()
    {
        var settings = new LoadSettings([_server.Port], Writers: 2, KeysOfAKind: 4, TimeoutMs: 5_000, Groups: 2, Registers: 2, Seed: 1);
        _load = new ClusterLoad(settings, CancellationToken.None);
        _server.Intercept = Count;
    }

    public void Dispose()
    {
        _load.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void HonestServer_NothingWrong()
    {
        long fault = RunForAWhile();
        LoadResult result = _load.HoldAndVerify(fault);
        Assert.Equal(new Findings(), result.Findings);
        Assert.Equal(2, result.RegistersWith(Verdict.Linearizable));
        Assert.Equal(2, result.Outages.Count(outage => double.IsFinite(outage.BackMs) && outage.GapMs > 0));
        // A busy machine may let a probe wait too long.
        Assert.All(result.Errors.Keys, kind => Assert.Equal("timeout", kind));
    }

    [Fact]
    public void ServerForgets_WritesLostAndRegistersNotLinearizable()
    {
        long fault = RunForAWhile();
        _load.HoldAndVerify(fault);

        RunForAWhile();
        _server.Keep();
        WaitForAWhile();
        // A write that comes before every read would cover up that its register was forgotten.
        _server.Intercept = command => command[0] is "GET" or "LRANGE" ? null : "-CLUSTERDOWN The cluster is down\r\n";
        _server.Forget();
        LoadResult result = _load.HoldAndVerify(fault);
        Assert.True(result.Findings.Lost > 0, $"{result.Findings}");
        Assert.True(result.RegistersWith(Verdict.NotLinearizable) > 0, string.Join(' ', result.Registers));
    }

    [Fact]
    public void StaleReads_RegistersNotLinearizable()
    {
        long fault = RunForAWhile();
        _server.Keep();
        _server.Intercept = command => Count(command) ?? (command[0] == "GET" && command[1].Contains("register", StringComparison.Ordinal)
            ? _server.OldValue(command[1])
            : null);
        WaitForAWhile();
        LoadResult result = _load.HoldAndVerify(fault);
        Assert.Equal(new Findings(), result.Findings);
        Assert.Equal(2, result.RegistersWith(Verdict.NotLinearizable));
    }

    [Fact]
    public void GroupThatTakesNoWrites_NeverBack()
    {
        _server.Intercept = command => Count(command) ?? (command[1].StartsWith("drill:probe:{0}", StringComparison.Ordinal)
            ? "-CLUSTERDOWN The cluster is down\r\n"
            : null);
        long fault = Stopwatch.GetTimestamp();
        _load.Run();
        Assert.True(Wait.Until(() => Volatile.Read(ref _commands) > EnoughCommands, 60_000));
        Assert.False(_load.HasWrittenEverywhereSince(fault));
        Assert.Contains(new Outage(double.PositiveInfinity, double.PositiveInfinity), _load.HoldAndVerify(fault).Outages);
    }

    private string? Count(string[] command)
    {
        Interlocked.Increment(ref _commands);
        return null;
    }

    private long RunForAWhile()
    {
        _load.Run();
        return WaitForAWhile();
    }

    // Until everybody has done a good deal since this was called.
    private long WaitForAWhile()
    {
        int before = Volatile.Read(ref _commands);
        long start = Stopwatch.GetTimestamp();
        bool isDone = Wait.Until(() => _load.HasWrittenEverywhereSince(start) && Volatile.Read(ref _commands) > before + EnoughCommands, 60_000);
        Assert.True(isDone, $"only {Volatile.Read(ref _commands) - before} commands");
        return start;
    }
}
