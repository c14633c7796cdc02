using System.Net.Sockets;

namespace OrleansKv.RespGateway.Transport.Sockets;

/// <summary>Accepts connections asynchronously, one at a time, and hands them out.</summary>
internal sealed class SocketListener : TransportListener
{
    private readonly IoLoop _loop;
    private readonly SocketAsyncEventArgs _args = new(true);

    public SocketListener(TransportServer server, Socket socket, string? unixPath, IoLoop loop)
        : base(server, socket, unixPath, loop)
    {
        _loop = loop;
        _args.Completed += (_, _) => _loop.Post(OnAccepted);
    }

    private protected override void BeginAccepting()
    {
        _args.AcceptSocket = null;
        if (!Socket.AcceptAsync(_args))
            _loop.Post(OnAccepted);
    }

    private protected override void PauseAccepting()
    {
        // No accept is under way when one has just failed.
    }

    private protected override void ResumeAccepting() => BeginAccepting();

    private protected override void EndAccepting()
    {
        // Closing the socket, which follows, ends the accept that is under way.
    }

    private void OnAccepted()
    {
        Socket? accepted = _args.AcceptSocket;
        if (!IsListening)
        {
            accepted?.Dispose();
            _args.Dispose();
            return;
        }
        if (_args.SocketError == SocketError.Success)
            TakeUp(accepted!);
        else if (_args.SocketError is not (SocketError.ConnectionAborted or SocketError.ConnectionReset))
        {
            HoldOff(new SocketException((int)_args.SocketError));
            return;
        }
        BeginAccepting();
    }

    private void TakeUp(Socket accepted)
    {
        try
        {
            string remote, local;
            if (UnixPath != null)
            {
                remote = local = SocketAddressText.FormatUnix(UnixPath);
            }
            else
            {
                remote = SocketAddressText.Format(accepted.RemoteEndPoint);
                local = SocketAddressText.Format(accepted.LocalEndPoint);
                SetOptions(accepted, Server.TcpKeepAliveSeconds);
            }
            HandOut(new AcceptedSocket(-1, accepted, remote, local));
        }
        catch (SocketException)
        {
            // The peer has gone already.
            accepted.Dispose();
        }
    }

    private static void SetOptions(Socket socket, int keepAliveSeconds)
    {
        socket.NoDelay = true;
        if (keepAliveSeconds <= 0)
            return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, keepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Math.Max(1, keepAliveSeconds / 3));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
    }
}
