using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansKv.RespGateway.Transport.Epoll;

/// <summary>Accepts connections on the first loop and hands them out.</summary>
internal sealed unsafe class EpollListener(TransportServer server, Socket socket, string? unixPath, EpollLoop loop)
    : TransportListener(server, socket, unixPath, loop)
{
    /// <summary>Most connections accepted in one turn; the rest of a flood waits for the next.</summary>
    private const int MaxAcceptsPerTurn = 128;

    private const int SocketAddressBytes = 128;

    private int _token = -1;

    public void AcceptAll()
    {
        for (int i = 0; i < MaxAcceptsPerTurn && IsListening; i++)
        {
            if (!AcceptOne())
                return;
        }
    }

    private protected override void BeginAccepting() => _token = loop.Watch(DescriptorOf(Socket), Libc.EPOLLIN, this);

    private protected override void PauseAccepting() => loop.ChangeInterest(DescriptorOf(Socket), 0, _token);

    private protected override void ResumeAccepting() => loop.ChangeInterest(DescriptorOf(Socket), Libc.EPOLLIN, _token);

    private protected override void EndAccepting()
    {
        if (_token < 0)
            return;
        loop.RemoveFromEpoll(DescriptorOf(Socket));
        // Events of this turn may still name the token.
        int token = _token;
        loop.Post(() => loop.Forget(token));
    }

    private bool AcceptOne()
    {
        byte* address = stackalloc byte[SocketAddressBytes];
        int addressBytes = SocketAddressBytes;
        int fd = Libc.Accept(DescriptorOf(Socket), address, &addressBytes, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
        if (fd < 0)
            return MayTryAgain(Marshal.GetLastPInvokeError());
        if (UnixPath != null)
        {
            string text = SocketAddressText.FormatUnix(UnixPath);
            HandOut(new AcceptedSocket(fd, null, text, text));
            return true;
        }
        string remote = SocketAddressText.FormatLinuxInet(new ReadOnlySpan<byte>(address, addressBytes));
        addressBytes = SocketAddressBytes;
        string local = Libc.GetSocketName(fd, address, &addressBytes) == 0
            ? SocketAddressText.FormatLinuxInet(new ReadOnlySpan<byte>(address, addressBytes))
            : "?:0";
        SetOptions(fd, Server.TcpKeepAliveSeconds);
        HandOut(new AcceptedSocket(fd, null, remote, local));
        return true;
    }

    private bool MayTryAgain(int error)
    {
        switch (error)
        {
            case Libc.EAGAIN:
                return false;
            case Libc.EINTR or Libc.ECONNABORTED or Libc.EPROTO:
                return true;
            default:
                // Above all: no descriptors left. The connection stays in the kernel's queue and would be reported at once again.
                HoldOff(Libc.LastError("accept"));
                return false;
        }
    }

    private static void SetOptions(int fd, int keepAliveSeconds)
    {
        Set(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
        if (keepAliveSeconds <= 0)
            return;
        Set(fd, Libc.SOL_SOCKET, Libc.SO_KEEPALIVE, 1);
        Set(fd, Libc.IPPROTO_TCP, Libc.TCP_KEEPIDLE, keepAliveSeconds);
        Set(fd, Libc.IPPROTO_TCP, Libc.TCP_KEEPINTVL, Math.Max(1, keepAliveSeconds / 3));
        Set(fd, Libc.IPPROTO_TCP, Libc.TCP_KEEPCNT, KeepAliveProbes);
    }

    // A failure means that the peer has gone already, which the first read will find.
    private static void Set(int fd, int level, int option, int value) => Libc.SetSocketOption(fd, level, option, &value, sizeof(int));

    private static int DescriptorOf(Socket socket) => (int)socket.Handle;
}
