// Stands for Orleans.Runtime.Messaging.SiloConnectionListener and GatewayConnectionListener.
using System.Net;
using System.Net.Sockets;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>Accepts connections on one port. Each shakes hands on its own, in bounded time; one that cannot is dropped without a word.</summary>
internal sealed class LinkListener(
    IPEndPoint endpoint, SiloAddress self, TimeSpan openTimeout, Func<Hello, string?> refuse, Action<Socket, Hello> accept)
{
    private const int Backlog = 512;

    /// <summary>Connections that have not shaken hands yet; more wait in the system's queue.</summary>
    private readonly SemaphoreSlim _strangers = new(256);

    private readonly Socket _socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);

    public void Start()
    {
        _socket.Bind(endpoint);
        _socket.Listen(Backlog);
        _ = Task.Run(AcceptAsync);
    }

    public void Stop() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                await _strangers.WaitAsync();
                var socket = await _socket.AcceptAsync();
                _ = WelcomeAsync(socket);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                _strangers.Release();
                if (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
                    return;
            }
        }
    }

    private async Task WelcomeAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            using var limit = new CancellationTokenSource(openTimeout);
            var hello = await Handshake.ReceiveHelloAsync(socket, limit.Token);
            string? refusal = refuse(hello);
            await Handshake.SendAsync(socket, new Welcome(self, refusal), limit.Token);
            if (refusal is null)
                accept(socket, hello);
            else
                socket.Dispose();
        }
        catch (Exception exception) when (exception is SocketException or SerializerException or OperationCanceledException or ObjectDisposedException)
        {
            socket.Dispose();
        }
        finally
        {
            _strangers.Release();
        }
    }
}
