using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansKv.Drill.Servers;

/// <summary>
/// One process of the cluster, on a port and in a directory that it keeps over restarts. Signals go to processes that were started here and
/// have not been waited for, so that a number is never another process's.
/// </summary>
internal sealed partial class Node(int index, int port, string directory, IReadOnlyList<string> command) : IDisposable
{
    private const int KillAtOnce = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;
    private const int EndMs = 30_000;
    private const int KeptLines = 30;

    private readonly Queue<string> _lines = new();
    private Process? _process;

    public int Index { get; } = index;

    public int Port { get; } = port;

    public bool IsRunning => _process is { HasExited: false };

    public bool IsPaused { get; private set; }

    /// <summary>The last lines that it printed.</summary>
    public string Output
    {
        get
        {
            // Of a process that ended, everything: this waits until its last line has come.
            if (_process is { HasExited: true })
                _process.WaitForExit();
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public void Start()
    {
        Directory.CreateDirectory(directory);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
    }

    /// <summary>kill -9; returns when the process is gone, and gives the moment at which it was hit.</summary>
    public long Kill()
    {
        Signal(KillAtOnce);
        long at = Stopwatch.GetTimestamp();
        WaitForEnd();
        return at;
    }

    /// <summary>SIGTERM; returns when the process is gone, by force if it takes too long, and gives that moment.</summary>
    public long StopGracefully()
    {
        Signal(Terminate);
        _process?.WaitForExit(EndMs);
        return Kill();
    }

    /// <summary>SIGSTOP; gives the moment at which it was hit.</summary>
    public long Pause()
    {
        Signal(Stop);
        IsPaused = true;
        return Stopwatch.GetTimestamp();
    }

    public void Resume()
    {
        Signal(Continue);
        IsPaused = false;
    }

    public void Dispose() => Kill();

    private void WaitForEnd()
    {
        if (_process is null)
            return;
        _process.WaitForExit(EndMs);
        _process.Dispose();
        _process = null;
        IsPaused = false;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    private void Signal(int signal)
    {
        if (IsRunning && SendSignal(_process!.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} to process {_process.Id}: error {Marshal.GetLastPInvokeError()}");
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > KeptLines)
                _lines.Dequeue();
        }
    }
}
