using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansKv.CompareServers;

/// <summary>A server that is measured: its process, port and directory. Disposing ends all three.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int StartTimeoutMs = 30_000;
    private const int PollMs = 1;

    private readonly Process _process;
    private readonly string _directory;

    private ServerProcess(Process process, int port, string directory, double firstPongMs)
    {
        _process = process;
        Port = port;
        _directory = directory;
        FirstPongMs = firstPongMs;
    }

    public int Port { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public double FirstPongMs { get; }

    /// <summary>Starts the server and waits until it answers.</summary>
    public static ServerProcess Start(string commandLine)
    {
        string directory = Directory.CreateTempSubdirectory("orleanskv-compare-").FullName;
        int port = FreePort();
        string[] words = [.. commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word
            .Replace("{port}", $"{port}", StringComparison.Ordinal)
            .Replace("{dir}", directory, StringComparison.Ordinal)
            .Replace("''", "", StringComparison.Ordinal))];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        long startedAt = Stopwatch.GetTimestamp();
        Process process = Process.Start(start)!;
        // Nobody reads what a server prints, but somebody must take it from the pipe.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!AnswersPing(port))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds > StartTimeoutMs)
            {
                new ServerProcess(process, port, directory, 0).Dispose();
                throw new InvalidOperationException($"`{commandLine}` did not answer");
            }
            Thread.Sleep(PollMs);
        }
        return new ServerProcess(process, port, directory, Stopwatch.GetElapsedTime(startedAt).TotalMilliseconds);
    }

    /// <summary>Resident bytes of the process now.</summary>
    public long ResidentBytes()
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, Port);
        return socket;
    }

    public void FlushAll()
    {
        using Socket socket = Connect();
        socket.Send("FLUSHALL\r\n"u8);
        socket.Receive(new byte[64]);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static bool AnswersPing(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 1000 };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            socket.Send("PING\r\n"u8);
            Span<byte> reply = stackalloc byte[7];
            return socket.Receive(reply) == 7 && reply.SequenceEqual("+PONG\r\n"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
