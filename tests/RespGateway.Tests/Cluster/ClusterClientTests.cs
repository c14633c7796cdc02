using System.Globalization;
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

    [IoRedisFact]
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
