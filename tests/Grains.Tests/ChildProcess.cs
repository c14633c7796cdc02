using System.Diagnostics;

namespace OrleansKv.Grains.Tests;

/// <summary>A process of this assembly that has said on one line that it is ready. It ends with the test's own process at the latest.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public string Line { get; private set; } = "";

    public static async Task<ChildProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildProcess).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var child = new ChildProcess(Process.Start(start)!);
        child.Line = await child._process.StandardOutput.ReadLineAsync().WaitAsync(Limit) ?? throw new IOException("The process has ended.");
        return child;
    }

    /// <summary>As SIGKILL does: nothing in the process runs any more.</summary>
    public void Kill() => _process.Kill();

    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, $"{_process.Id}"]);
        await kill.WaitForExitAsync().WaitAsync(Limit);
    }

    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
