using OrleansKv.Support;

namespace OrleansKv.Silo.Tests;

/// <summary>Silos that find each other through Orleans's own providers, named in a file. A real redis-server holds membership and slot map.</summary>
public sealed class OrleansConfigTests : IDisposable
{
    private const int Kill = 9;
    private const int LimitMs = 30_000;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Start_BesideAClusterDirectory_SaysThatOneIsEnough()
    {
        var (code, output, error) = await ServerProcess.RunAsync(
            _directory.Path, "", "--port", $"{Ports.Free()}", "--cluster-directory", "cluster", "--cluster-orleans-config", WriteConfig(1));

        Assert.NotEqual(0, code);
        Assert.Contains("Either cluster-directory or cluster-orleans-config", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ProviderThatIsNotInTheBuild_SaysSo()
    {
        if (HasRedisProvider) return;
        var (code, output, error) = await ServerProcess.RunAsync(
            _directory.Path, "", "--port", $"{Ports.Free()}", "--cluster-orleans-config", WriteConfig(1));

        Assert.NotEqual(0, code);
        Assert.Matches("Orleans's providers are in its packages|Could not find Clustering provider named 'Redis'", output + error);
    }

    [RedisProviderFact]
    public async Task ThreeOnRedis_OneIsKilled_LoseNothingAndAreWholeAgain()
    {
        using TestServer redis = TestServer.StartRedis();
        string config = WriteConfig(redis.Port);
        int[] ports = [Ports.Free(), Ports.Free(), Ports.Free()];
        ServerProcess[] servers = await Task.WhenAll(ports.Select(port => StartAsync(config, port)));
        try
        {
            using RespClient client = RespClient.Connect(ports[0]);
            AwaitInfo(client, "cluster_slots_assigned:16384");
            for (int i = 0; i < 30; i++) Assert.Equal("OK", client.Call("SET", $"key:{i}", $"{i}").Text);
            AwaitInfo(client, "cluster_least_copies:1");

            ServerProcess.Signal(servers[0].Id, Kill);
            using RespClient other = RespClient.Connect(ports[2]);
            for (int i = 0; i < 30; i++) Assert.Equal($"{i}", other.Call("GET", $"key:{i}").Text);
            AwaitInfo(other, "cluster_known_nodes:2");
            AwaitInfo(other, "cluster_least_copies:1");

            servers[0].Dispose();
            servers[0] = await StartAsync(config, ports[0]);
            AwaitInfo(other, "cluster_known_nodes:3");
            AwaitInfo(other, "cluster_least_copies:1");
        }
        finally
        {
            foreach (ServerProcess server in servers) server.Dispose();
        }
    }

    private static void AwaitInfo(RespClient client, string line) =>
        Assert.True(Wait.Until(() => client.Call("INFO", "cluster").Text.Contains($"{line}\r\n", StringComparison.Ordinal), LimitMs), line);

    private static bool HasRedisProvider => File.Exists(Path.Combine(AppContext.BaseDirectory, "Orleans.Clustering.Redis.dll"));

    private Task<ServerProcess> StartAsync(string config, int port)
    {
        string path = _directory.Combine($"{port}");
        Directory.CreateDirectory(path);
        return ServerProcess.Start(
            path, "--port", $"{port}", "--cluster-port", $"{Ports.Free()}", "--cluster-orleans-config", config,
            "--cluster-initial-silos", "3").ReadyAsync();
    }

    private string WriteConfig(int redisPort)
    {
        string path = _directory.Combine("orleans.json");
        string provider = $$"""{ "ProviderType": "Redis", "ConnectionString": "127.0.0.1:{{redisPort}}" }""";
        File.WriteAllText(path, $$"""
            { "Orleans": {
                "ClusterId": "kv", "ServiceId": "kv",
                "Clustering": {{provider}},
                "GrainStorage": { "OrleansKv": {{provider}} } } }
            """);
        return path;
    }

    /// <summary>A fact for builds with OrleansProviders=Redis, where there is a redis-server.</summary>
    private sealed class RedisProviderFactAttribute : FactAttribute
    {
        public RedisProviderFactAttribute() =>
            this.SkipIf(HasRedisProvider ? Tools.WhyMissing("redis-server") : "needs a build with -p:OrleansProviders=Redis", nameof(OrleansConfigTests));
    }
}
