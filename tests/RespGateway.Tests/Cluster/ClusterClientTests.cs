using System.Globalization;
using System.Runtime.CompilerServices;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Cluster clients find their way over three gateways.</summary>
public sealed class ClusterClientTests : IDisposable
{
    private static readonly string Interop = Path.Combine(ServerCommand.RepositoryRoot, "tests", "Interop");

    private readonly TestCluster _cluster = new(3, clusterMode: true);

    private string Port => _cluster[0].Port.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _cluster.Dispose();

    [ToolFact("redis-cli")]
    public void RedisCli_FollowsRedirections()
    {
        var commands = string.Concat(Enumerable.Range(0, 30).Select(i => $"set key:{i} {i}\n")) + string.Concat(Enumerable.Range(0, 30).Select(i => $"get key:{i}\n"));
        var result = RunResult.Of("redis-cli", ["-c", "-p", Port], commands);
        Assert.Equal(0, result.ExitCode);
        for (var i = 0; i < 30; i++) Assert.Equal(1, CountKeys(_cluster.OwnerOf($"key:{i}"), $"key:{i}"));
        Assert.DoesNotContain("MOVED", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("29\n", result.Output, StringComparison.Ordinal);
    }

    [ToolFact("redis-cli")]
    public void RedisCliCluster_Check_FindsAllSlotsCovered()
    {
        var result = RunResult.Of("redis-cli", ["--cluster", "check", $"127.0.0.1:{Port}"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("[OK] All 16384 slots covered.", result.Output, StringComparison.Ordinal);
    }

    [PythonRedisFact]
    public void RedisPy_Cluster_Works() => Run(PythonRedisFactAttribute.Python!, Path.Combine(Interop, "python", "cluster_session.py"));

    [NodeClusterFact]
    public void IoRedis_Cluster_Works() => Run("node", Path.Combine(Interop, "node", "ioredis-cluster-session.js"));

    private static int CountKeys(TestCluster.Silo silo, string key)
    {
        using var client = silo.Connect();
        return (int)client.Call("EXISTS", key).AsInteger();
    }

    private void Run(string program, string script)
    {
        var result = RunResult.Of(program, [script, Port]);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}

/// <summary>A fact that needs a Python with the module redis.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonRedisFactAttribute : FactAttribute
{
    public PythonRedisFactAttribute([CallerMemberName] string test = "") =>
        this.SkipIf(Python is null ? "needs python3 with the module redis (Debian: python3-redis)" : null, test);

    public static string? Python { get; } = new[] { "/usr/bin/python3", Tools.Find("python3") }
        .FirstOrDefault(python => File.Exists(python) && RunResult.Of(python, ["-c", "import redis.cluster"]).ExitCode == 0);
}

/// <summary>A fact that needs node and ioredis, installed for the interoperation tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeClusterFactAttribute : FactAttribute
{
    private static readonly string Package = Path.Combine(ServerCommand.RepositoryRoot, "tests", "Interop", "node", "node_modules", "ioredis");

    public NodeClusterFactAttribute([CallerMemberName] string test = "") =>
        this.SkipIf(Tools.WhyMissing("node") ?? (Directory.Exists(Package) ? null : "needs ioredis: run `npm ci` in tests/Interop/node"), test);
}
