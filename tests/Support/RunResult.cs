using System.Diagnostics;

namespace OrleansKv.Support;

/// <summary>A program that ran to its end, with what it printed.</summary>
public sealed record RunResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a program with an input; one that is still there when the time is up is ended and reported as a failure.</summary>
    public static RunResult Of(string program, IEnumerable<string> arguments, string input = "", int timeoutMs = 60_000, string? directory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Environment.CurrentDirectory,
        };
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(timeoutMs))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return new RunResult(-1, output.Result, $"{errors.Result}\n{program} did not end within {timeoutMs} ms");
        }
        return new RunResult(process.ExitCode, output.Result, errors.Result);
    }

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}
