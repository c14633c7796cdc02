using OrleansKv.Support;

namespace OrleansKv.Interop;

/// <summary>redis-benchmark runs its tests to the end and reports no error.</summary>
public sealed class RedisBenchmarkTests(InteropServer server) : IClassFixture<InteropServer>
{
    private const string Tests = "ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,lrange_600,mset";

    [ToolFact("redis-benchmark")]
    public void AllTests_SmallRun_EachReportsItsRate()
    {
        string output = Benchmark("-n", "2000", "-c", "20", "-t", Tests);
        string[] reports = [.. output.Split('\n', '\r').Where(line => line.Contains("requests per second", StringComparison.Ordinal))];
        // The two LRANGE tests fill their list by a test of its own.
        Assert.True(reports.Length >= Tests.Split(',').Length, output);
        Assert.DoesNotContain("rror", output, StringComparison.Ordinal);
    }

    [ToolFact("redis-benchmark")]
    public void DeepPipelines_ManyClients_Finish() =>
        Assert.Contains("GET: ", Benchmark("-n", "100000", "-c", "100", "-P", "128", "-r", "1000", "-d", "512", "-t", "set,get"), StringComparison.Ordinal);

    [ToolFact("redis-benchmark")]
    public void Resp3_SetAndGet_Finish() =>
        Assert.Contains("GET: ", Benchmark("-3", "-n", "2000", "-t", "set,get"), StringComparison.Ordinal);

    private string Benchmark(params string[] arguments) => server.Run("redis-benchmark", ["-p", $"{server.Port}", "-q", .. arguments]);
}
