using System.Diagnostics;
using OrleansKv.Drill.Client;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests;

/// <summary>deploy/local/cluster, as README shows it.</summary>
public sealed class LocalClusterScriptTests : IDisposable
{
    private const int LimitMs = 90_000;
    private const int ReplyMs = 5000;

    private readonly string _directory = Directory.CreateTempSubdirectory("orleanskv-script-").FullName;
    private readonly int _port = Drill.Servers.Ports.Pick(1, new Random(Environment.TickCount))[0];

    public void Dispose()
    {
        Run("down");
        Directory.Delete(_directory, recursive: true);
    }

    [ToolFact("bash")]
    public void Up_KillAndStart_KeepsWhatWasWritten()
    {
        Assert.Equal((0, $"2 nodes on ports {_port} to {_port + 1}, 1 copies of every slot besides the primary\n"), Run("up", "2", "--port", $"{_port}"));
        Assert.Equal("OK", Call(_port, "SET", "greeting", "hello"));

        Assert.Equal((0, ""), Run("kill", "0"));
        Assert.Equal("hello", Call(_port + 1, "GET", "greeting"));
        Assert.Contains("ended", Run("status").Output, StringComparison.Ordinal);

        Assert.Equal((0, ""), Run("start", "0"));
        Assert.True(Wait.Until(() => Run("status").Output.EndsWith("every slot is served and has its copies\n", StringComparison.Ordinal), LimitMs));
        Assert.Equal("hello", Call(_port, "GET", "greeting"));
        Assert.Equal((0, ""), Run("down"));
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [ToolFact("bash")]
    public void Up_ServersWithAPassword_AreAskedWithIt()
    {
        (int exitCode, string output) = Run("up", "1", "--port", $"{_port}", "--", "--requirepass", "not 'easy'");
        Assert.True(exitCode == 0, output);
        Assert.EndsWith("every slot is served and has its copies\n", Run("status").Output, StringComparison.Ordinal);
    }

    [ToolFact("bash")]
    public void Up_ServerThatDoesNotStart_SaysWhy()
    {
        (int exitCode, string output) = Run("up", "1", "--port", $"{_port}", "--", "--no-such-flag", "1");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("no-such-flag", output, StringComparison.Ordinal);
    }

    private static string? Call(int port, params string[] words)
    {
        using var connection = RespConnection.Connect(port, ReplyMs);
        return connection.Call(words).Text;
    }

    // Output and errors together.
    private (int ExitCode, string Output) Run(params string[] arguments)
    {
        string script = Path.Combine(ServerCommand.RepositoryRoot, "deploy/local/cluster");
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$0\" \"$@\" 2>&1", script, "--dir", Path.Combine(_directory, "state"), .. arguments])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["ORLEANSKV"] = Path.ChangeExtension(ServerCommand.SiloAssembly, null);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(LimitMs))
            process.Kill(entireProcessTree: true);
        return (process.ExitCode, output.Result);
    }
}
