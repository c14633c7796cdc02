using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

/// <summary>A transport server whose connections get the handler that a test makes, with what the tests need to look at.</summary>
internal sealed class TestServer : IConnectionAcceptor, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Func<TransportConnection, IConnectionHandler?> _makeHandler;

    public TestServer(TransportBackend backend, int loopCount, Func<TransportConnection, IConnectionHandler?> makeHandler)
    {
        _makeHandler = makeHandler;
        Transport = new TransportServer(new TransportOptions { Backend = backend, LoopCount = loopCount, OnError = Errors.Enqueue });
        Port = Transport.ListenTcp("127.0.0.1", 0).Port;
        Transport.Start(this);
    }

    public static TheoryData<TransportBackend> Backends => OperatingSystem.IsLinux()
        ? new TheoryData<TransportBackend>(TransportBackend.Epoll, TransportBackend.Sockets)
        : new TheoryData<TransportBackend>(TransportBackend.Sockets);

    public TransportServer Transport { get; }

    public int Port { get; }

    public ConcurrentQueue<Exception> Errors { get; } = new();

    /// <summary>Every connection accepted so far, in no particular order.</summary>
    public ConcurrentQueue<TransportConnection> Connections { get; } = new();

    public int OpenConnections => Transport.Loops.Sum(loop => loop.ConnectionCount);

    public IConnectionHandler? Accept(TransportConnection connection)
    {
        Connections.Enqueue(connection);
        return _makeHandler(connection);
    }

    public Socket Connect()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.SendTimeout = client.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        client.Connect(IPAddress.Loopback, Port);
        return client;
    }

    public TransportConnection WaitForConnection()
    {
        WaitUntil(() => !Connections.IsEmpty);
        Connections.TryDequeue(out TransportConnection? connection);
        return connection!;
    }

    public static void WaitUntil(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), "The condition did not come true in time.");

    /// <summary>Runs something on a loop and returns what it gave.</summary>
    public static T OnLoop<T>(IoLoop loop, Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() =>
        {
            try
            {
                result.SetResult(work());
            }
            catch (Exception error)
            {
                result.SetException(error);
            }
        });
        Assert.True(result.Task.Wait(Patience), "The loop did not answer in time.");
        return result.Task.Result;
    }

    public static byte[] ReceiveExactly(Socket client, int count)
    {
        byte[] bytes = new byte[count];
        for (int filled = 0; filled < count;)
        {
            int received = client.Receive(bytes, filled, count - filled, SocketFlags.None);
            Assert.True(received > 0, $"The connection ended after {filled} of {count} bytes.");
            filled += received;
        }
        return bytes;
    }

    public void Dispose()
    {
        Transport.Dispose();
        Assert.Equal(0, OpenConnections);
    }
}
