using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansKv.Silo.Tests;

/// <summary>The life of the process, from the ready line to the exit code. It listens on a Unix socket alone unless the test says otherwise.</summary>
public sealed class ServerProcessTests : IDisposable
{
    private const int Interrupt = 2;
    private const int HangUp = 1;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Start_Ready_SaysVersionRuntimePortAndDirectory()
    {
        string port = Ports.Free().ToString(CultureInfo.InvariantCulture);
        using ServerProcess server = await ServerProcess.Start(_directory.Path, "--port", port).ReadyAsync();

        Assert.Matches(
            $@"(?m)^{server.Id}:M \d\d \w{{3}} \d{{4}} \d\d:\d\d:\d\d\.\d{{3}} \* OrleansKv \d+\.\d+\.\d+ ready: runtime .+ \d.*, port {port}, data directory {_directory.Path}$",
            server.Output);
    }

    [Theory]
    [InlineData(15, "SIGTERM")]
    [InlineData(Interrupt, "SIGINT")]
    public async Task Stop_Signal_EndsInOrderWithZero(int signal, string name)
    {
        using ServerProcess server = await ServerProcess.Start(_directory.Path, "--port", "0", "--unixsocket", "socket").ReadyAsync();

        ServerProcess.Signal(server.Id, HangUp);
        ServerProcess.Signal(server.Id, signal);

        Assert.Equal(0, await server.ExitAsync());
        Assert.Contains($"# Received {name} scheduling shutdown...", server.Output, StringComparison.Ordinal);
        Assert.EndsWith("# OrleansKv is now ready to exit, bye bye...\n", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PidFile_IsThereWhileTheServerRuns()
    {
        string pidFile = _directory.Combine("a pid");
        using ServerProcess server = await ServerProcess.Start(_directory.Path, "--port", "0", "--unixsocket", "socket", "--pidfile", "a pid").ReadyAsync();

        Assert.Equal($"{server.Id}\n", await File.ReadAllTextAsync(pidFile));
        server.Terminate();
        Assert.Equal(0, await server.ExitAsync());
        Assert.False(File.Exists(pidFile));
    }

    [Fact]
    public async Task Start_ConfigurationFromStandardInput_IsUsed()
    {
        using ServerProcess server = ServerProcess.Start(_directory.Path, "-");
        server.WriteInput($"port 0\nunixsocket socket\npidfile {_directory.Combine("pid")}\n");
        await server.ReadyAsync();

        Assert.True(File.Exists(_directory.Combine("pid")));
    }

    [Fact]
    public async Task Start_LogFile_GetsTheLinesInPlaceOfStandardOutput()
    {
        Directory.CreateDirectory(_directory.Combine("data"));
        using ServerProcess server = ServerProcess.Start(_directory.Path, "--port", "0", "--unixsocket", "socket", "--dir", "data", "--logfile", "server.log");
        string logFile = _directory.Combine("data/server.log");
        await WaitForTextAsync(logFile, "ready: ");
        server.Terminate();

        Assert.Equal(0, await server.ExitAsync());
        Assert.Contains("bye bye", await File.ReadAllTextAsync(logFile), StringComparison.Ordinal);
        Assert.Equal("", server.Output);
    }

    [Fact]
    public async Task Start_LogLevelWarning_LogsNothingBelow()
    {
        string pidFile = _directory.Combine("pid");
        using ServerProcess server = ServerProcess.Start(_directory.Path, "--port", "0", "--unixsocket", "socket", "--loglevel", "warning", "--pidfile", pidFile);
        await WaitForTextAsync(pidFile, "\n");
        server.Terminate();

        Assert.Equal(0, await server.ExitAsync());
        Assert.DoesNotContain(" * ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Daemonize_RunsInTheBackgroundWithStandardInputsConfiguration()
    {
        string logFile = _directory.Combine("log");
        string pidFile = _directory.Combine("pid");
        (int exitCode, string output, string error) = await ServerProcess.RunAsync(
            _directory.Path, "port 0\nunixsocket socket\nlogfile log\npidfile pid\n", "--daemonize", "yes", "-");
        await WaitForTextAsync(logFile, "ready: ");
        int processId = int.Parse(await File.ReadAllTextAsync(pidFile), CultureInfo.InvariantCulture);
        ServerProcess.Signal(processId, 15);
        await WaitForTextAsync(logFile, "bye bye");

        Assert.Equal((0, "", ""), (exitCode, output, error));
        Assert.False(File.Exists(pidFile));
    }

    [Fact]
    public async Task Start_SupervisedBySystemd_StaysInTheForegroundAndNotifies()
    {
        string socketPath = _directory.Combine("notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(socketPath));
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = socketPath };

        using ServerProcess server = await ServerProcess
            .Start(_directory.Path, environment, "--port", "0", "--unixsocket", "socket", "--supervised", "auto", "--daemonize", "yes").ReadyAsync();
        Assert.Equal("STATUS=Ready to accept connections\nREADY=1\n", await ReceiveAsync(socket));
        server.Terminate();
        Assert.Equal("STOPPING=1\n", await ReceiveAsync(socket));
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Start_ConfigurationFile_IsCompletedByOptions()
    {
        _directory.Write("more.conf", "port 1\npidfile more.pid\n");
        string file = _directory.Write("redis.conf", "include more.c*\nport 2\nunixsocket \"a socket\"");
        using ServerProcess server = await ServerProcess.Start(_directory.Path, file, "--port", "0").ReadyAsync();

        Assert.Contains(", unix socket a socket, ", server.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_directory.Combine("more.pid")));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(ServerProcess.Patience);
        byte[] buffer = new byte[1024];
        int length = await socket.ReceiveAsync(buffer, timeout.Token);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>Waits for the background process, which has no other voice, to write to a file.</summary>
    private static async Task WaitForTextAsync(string path, string text)
    {
        using var timeout = new CancellationTokenSource(ServerProcess.Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!File.Exists(path) || !(await File.ReadAllTextAsync(path, timeout.Token)).Contains(text, StringComparison.Ordinal))
            await timer.WaitForNextTickAsync(timeout.Token);
    }
}
