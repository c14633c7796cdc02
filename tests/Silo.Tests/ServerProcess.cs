using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansKv.Silo.Tests;

/// <summary>The real executable in a process of its own, killed at the end of the test whatever happened.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Several start at once, and where the machine has much else to do each waits for all others to have run for a while.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(150);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        process.BeginOutputReadLine();
    }

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "orleanskv.exe" : "orleanskv");

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts a server that is expected to stay.</summary>
    public static ServerProcess Start(string directory, params string[] arguments) => new(StartProcess(directory, [], arguments));

    /// <inheritdoc cref="Start(string, string[])"/>
    public static ServerProcess Start(string directory, Dictionary<string, string> environment, params string[] arguments) =>
        new(StartProcess(directory, environment, arguments));

    /// <summary>Runs the executable to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string directory, string standardInput, params string[] arguments)
    {
        using Process process = StartProcess(directory, [], arguments);
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            await process.StandardInput.WriteAsync(standardInput);
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Sends a signal to any process.</summary>
    public static void Signal(int processId, int signal) => Assert.Equal(0, SendSignal(processId, signal));

    public void WriteInput(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Close();
    }

    public async Task<ServerProcess> ReadyAsync()
    {
        try
        {
            await _ready.Task.WaitAsync(StartPatience);
            return this;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The server was not ready in time:\n{Output}");
        }
    }

    public void Terminate() => Signal(_process.Id, 15);

    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static Process StartProcess(string directory, Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("The server ended before it was ready:\n" + Output));
            return;
        }

        lock (_output)
            _output.Append(line).Append('\n');
        if (line.Contains(" ready: ", StringComparison.Ordinal))
            _ready.TrySetResult();
    }
}
