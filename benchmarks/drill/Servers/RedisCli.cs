using System.Diagnostics;

namespace OrleansKv.Drill.Servers;

/// <summary>Runs <c>redis-cli</c> to its end.</summary>
internal static class RedisCli
{
    private const string Program = "redis-cli";

    /// <summary>Whether it is on PATH.</summary>
    public static bool IsThere { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Gives its exit code and all it printed. One that takes too long is ended, which its exit code tells.</summary>
    public static (int ExitCode, string Output) Run(int timeoutMs, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(timeoutMs))
            process.Kill();
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors.Result);
    }
}
