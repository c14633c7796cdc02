using System.Collections.Concurrent;
using System.Text;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.RespGateway.Commands;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests;

/// <summary>A gateway over an empty store, in the test's process, on a port of its own.</summary>
internal sealed class TestGateway : IDisposable
{
    private readonly Store _store;
    private readonly RespServer _server;

    /// <param name="configure">Changes the configuration before the gateway starts. Two loops unless it says otherwise.</param>
    /// <param name="replication">What replies wait for; none where the silo is alone.</param>
    public TestGateway(Action<ServerConfig>? configure = null, TestReplication? replication = null)
    {
        Config = new ServerConfig { IoThreads = 2, EnableDebugCommand = ProtectedAction.Yes };
        configure?.Invoke(Config);
        _store = new Store(Config, TimeProvider.System, GatewayCommands.Rows) { Replication = replication, Journal = replication?.Journal };
        _server = new RespServer(_store, Config, Errors.Enqueue);
        Port = _server.ListenTcp("127.0.0.1", 0).Port;
        _server.Start();
    }

    public ServerConfig Config { get; }

    public RespServer Server => _server;

    public Store Store => _store;

    public int Port { get; }

    /// <summary>Exceptions that escaped from a loop's work: there must be none.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = new();

    public RespClient Connect(int timeoutMs = 20_000) => RespClient.Connect(Port, timeoutMs);

    /// <summary>A number that INFO gives.</summary>
    public long Info(RespClient client, string field)
    {
        var text = client.Call("INFO", "everything").Text;
        var start = text.IndexOf($"\n{field}:", StringComparison.Ordinal) + field.Length + 2;
        return long.Parse(text.AsSpan(start, text.IndexOf('\r', start) - start), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until this many clients are blocked.</summary>
    public void WaitForBlocked(RespClient observer, int count) =>
        Assert.True(Wait.Until(() => Info(observer, "blocked_clients") == count), $"{count} clients should be blocked.");

    /// <summary>Sends bytes in the given pieces, says that nothing follows, and gives all that comes back.</summary>
    public static string Converse(int port, params IReadOnlyList<byte[]> pieces)
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
        socket.ReceiveTimeout = socket.SendTimeout = 20_000;
        socket.Connect(System.Net.IPAddress.Loopback, port);
        var received = new StringBuilder();
        var buffer = new byte[65536];
        try
        {
            foreach (var piece in pieces) socket.Send(piece);
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            for (int count; (count = socket.Receive(buffer)) > 0;) received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (System.Net.Sockets.SocketException e) when (e.SocketErrorCode is not System.Net.Sockets.SocketError.TimedOut)
        {
            // The server may close before it has read everything.
        }

        return received.ToString();
    }

    public void Dispose()
    {
        _server.Dispose();
        _store.Dispose();
        Assert.Empty(Errors);
    }
}
