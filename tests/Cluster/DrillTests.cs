using System.Text.Json;
using OrleansKv.Drill;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests;

/// <summary>Short drills with real processes.</summary>
public sealed class DrillTests
{
    /// <summary>
    /// Redis Cluster may lose acknowledged writes then, so that is not judged; but nothing may be invented, every group of slots must come
    /// back, and nothing may stay behind.
    /// </summary>
    [ToolFact("redis-cli")]
    public void RedisCluster_KillAndPause_WritesComeBack()
    {
        string directory = Directory.CreateTempSubdirectory("orleanskv-test-").FullName;
        string json = Path.Combine(directory, "json");
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            using var output = new StringWriter();
            var options = Options.Parse(
                "--node-timeout", "500", "--rounds", "2", "--faults", "kill,pause", "--pause", "2", "--seed", "7",
                "--writers", "2", "--keys", "4", "--groups", "6", "--registers", "2", "--directory", directory, "--json", json);
            DrillRun.Run(options, output, limit.Token);

            Assert.Equal(json, Assert.Single(Directory.GetFileSystemEntries(directory)));
            JsonElement[] rounds = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("rounds").EnumerateArray()];
            Assert.Equal(["kill", "pause"], rounds.Select(round => round.GetProperty("fault").GetString()));
            foreach (JsonElement round in rounds)
            {
                Assert.True(round.GetProperty("acknowledged").GetInt64() > 100, $"{output}");
                Assert.True(round.GetProperty("invented").GetInt64() == 0, $"{output}");
                Assert.True(round.GetProperty("unreadable").GetInt64() == 0, $"{output}");
                Assert.InRange(round.GetProperty("first_ms").GetDouble(), 100, 60_000);
                Assert.InRange(round.GetProperty("whole_ms").GetDouble(), 100, 60_000);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [ToolFact("redis-cli")]
    public void ServerThatDoesNotStart_SaysWhatItPrinted()
    {
        var options = Options.Parse("--server", "broken=redis-cli --no-such-option {port}", "--create", "--nodes", "1");
        using var output = new StringWriter();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => DrillRun.Run(options, output, CancellationToken.None));
        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-option", error.Message, StringComparison.Ordinal);
    }
}
