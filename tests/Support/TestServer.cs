using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansKv.Support;

/// <summary>A server process of a test, on a port and in a directory of its own; disposing it ends both.</summary>
public sealed class TestServer : IDisposable
{
    private const int StartTimeoutMs = 30_000;
    private const int StopTimeoutMs = 10_000;
    private const int KeptLines = 60;
    private const int StartTries = 3;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly ManualResetEventSlim _ready = new();

    private TestServer(Process process, int port, string directory)
    {
        _process = process;
        Port = port;
        Directory = directory;
    }

    public int Port { get; }

    public string Directory { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that the server printed, for a failure's message.</summary>
    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts the server that the tests are about; returns once it accepts connections.</summary>
    public static TestServer StartSubject(params string[] extraArguments) => Start(ServerCommand.Subject, extraArguments);

    /// <summary>Starts a real redis-server without persistence; returns once it accepts connections.</summary>
    public static TestServer StartRedis(params string[] extraArguments) => Start(ServerCommand.Redis, extraArguments);

    public static TestServer Start(ServerCommand command, params string[] extraArguments)
    {
        for (int attempt = 1; ; attempt++)
        {
            TestServer server = Launch(command, extraArguments);
            if (server.WaitUntilReady())
                return server;
            // Another process may have taken the port between its choice and its use: a server that ended at once gets another one.
            bool again = server.HasExited && attempt < StartTries;
            string output = server.Output;
            server.Dispose();
            if (!again)
                throw new InvalidOperationException($"`{string.Join(' ', command.Words)}` was not ready in time:\n{output}");
        }
    }

    public RespClient Connect(int timeoutMs = 10_000) => RespClient.Connect(Port, timeoutMs);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit(StopTimeoutMs);
        _process.Dispose();
        _ready.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static TestServer Launch(ServerCommand command, string[] extraArguments)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("orleanskv-test-").FullName;
        int port = FreePort();
        IReadOnlyList<string> words = command.For(port, directory);
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory,
        };
        foreach (string word in words.Skip(1).Concat(extraArguments))
            start.ArgumentList.Add(word);
        var server = new TestServer(new Process { StartInfo = start }, port, directory);
        server.Run();
        return server;
    }

    private void Run()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => SignalReady();
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private bool WaitUntilReady() => _ready.Wait(StartTimeoutMs) && !_process.HasExited;

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
        if (line.Contains("ready", StringComparison.OrdinalIgnoreCase))
            SignalReady();
    }

    // Lines and the exit may still arrive on other threads while the server is being disposed.
    private void SignalReady()
    {
        try
        {
            _ready.Set();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
