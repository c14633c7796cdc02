using System.Globalization;
using System.Text.Json;
using OrleansKv.Drill;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests;

/// <summary>
/// Drills with this repository's server: three silos, every slot with one copy. Nothing that was acknowledged may be lost, whatever happens to
/// one of them. ORLEANSKV_DRILL_ROUNDS asks for more rounds than the few of a normal run, ORLEANSKV_DRILL_SEED for the choices of another run.
/// </summary>
public sealed class OwnClusterTests
{
    /// <summary>A slow and busy machine's; a drill by hand on a quiet one shows a tenth of it.</summary>
    private const double MaxOutageMs = 20_000;

    [Theory]
    [InlineData("orleanskv", "kill,restart,stop", 3)]
    [InlineData("orleanskv-proxy", "restart,pause", 2)]
    public void Faults_OneSiloAtATime_LoseNothing(string server, string faults, int rounds)
    {
        Environment.SetEnvironmentVariable("ORLEANSKV", Path.ChangeExtension(ServerCommand.SiloAssembly, null));
        int asked = int.Parse(Environment.GetEnvironmentVariable("ORLEANSKV_DRILL_ROUNDS") ?? $"{rounds}", CultureInfo.InvariantCulture);
        string seed = Environment.GetEnvironmentVariable("ORLEANSKV_DRILL_SEED") ?? $"{Environment.TickCount & 0xFFFF}";
        string directory = Directory.CreateTempSubdirectory("orleanskv-test-").FullName;
        string json = Path.Combine(directory, "json");
        string check = server == "orleanskv" && Tools.WhyMissing("redis-cli") is null ? "clean" : "-";
        using var output = new StringWriter();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1 + asked));
            var options = Options.Parse(
                "--server", server, "--nodes", "3", "--rounds", $"{asked}", "--faults", faults, "--pause", "4", "--seed", seed,
                "--writers", "4", "--keys", "8", "--groups", "8", "--registers", "4", "--directory", directory, "--json", json);
            bool isWrong = DrillRun.Run(options, output, limit.Token);

            Assert.False(isWrong, $"{output}");
            JsonElement[] held = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("rounds").EnumerateArray()];
            Assert.Equal(asked, held.Length);
            foreach (JsonElement round in held)
            {
                Assert.True(round.GetProperty("acknowledged").GetInt64() > 100, $"{output}");
                Assert.True(round.GetProperty("check").GetString() == check, $"{output}");
                Assert.True(round.GetProperty("unreadable").GetInt64() == 0, $"{output}");
                Assert.True(round.GetProperty("first_ms").GetDouble() < MaxOutageMs, $"{output}");
                Assert.True(round.GetProperty("whole_ms").GetDouble() < options.RecoveryMs, $"{output}");
            }
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
        {
            Assert.Fail($"seed {seed}: {e.Message}\n{output}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Every silo in a network of its own, of which the cable is pulled; only where this process may make networks.</summary>
    [PrivateNetworkFact]
    public void Cables_Pulled_LoseNothing()
    {
        string directory = Directory.CreateTempSubdirectory("orleanskv-test-").FullName;
        Environment.SetEnvironmentVariable("ORLEANSKV", Path.ChangeExtension(ServerCommand.SiloAssembly, null));
        try
        {
            string drill = typeof(DrillRun).Assembly.Location;
            RunResult result = RunResult.Of(
                "unshare",
                [
                    "--net", "--mount", "dotnet", drill, "--isolate", "--server", "orleanskv", "--nodes", "3", "--rounds", "2", "--faults", "unplug,cut",
                    "--pause", "4", "--writers", "4", "--keys", "8", "--groups", "8", "--registers", "4", "--directory", directory, "--limit", "120",
                ],
                timeoutMs: 150_000);
            Assert.True(result.ExitCode == 0, $"{result}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}

/// <summary>A test that is skipped where networks of one's own cannot be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PrivateNetworkFactAttribute : FactAttribute
{
    public PrivateNetworkFactAttribute([System.Runtime.CompilerServices.CallerMemberName] string test = "") => this.SkipIf(Why.Value, test);

    private static readonly Lazy<string?> Why = new(() =>
        Tools.WhyMissing("unshare") ?? Tools.WhyMissing("ip")
        ?? (RunResult.Of("unshare", ["--net", "--mount", "ip", "link", "add", "probe", "type", "bridge"]).ExitCode == 0 ? null : "may make no networks"));
}
