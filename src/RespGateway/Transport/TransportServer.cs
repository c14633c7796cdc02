using System.Net;
using System.Net.Sockets;
using OrleansKv.RespGateway.Transport.Epoll;
using OrleansKv.RespGateway.Transport.Sockets;

namespace OrleansKv.RespGateway.Transport;

/// <summary>
/// The I/O loops and the listeners that feed them. Connections are accepted on the first loop and stay with the loop that has the
/// fewest when they arrive.
/// </summary>
public sealed class TransportServer : IDisposable
{
    private readonly TransportOptions _options;
    private readonly IoLoop[] _loops;
    private readonly Lock _gate = new();
    private readonly List<TransportListener> _listeners = [];
    private IConnectionAcceptor? _acceptor;
    private volatile int _tcpKeepAliveSeconds;

    public TransportServer(TransportOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LoopCount, 1);
        if (options.Backend == TransportBackend.Epoll && (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess))
            throw new PlatformNotSupportedException("The epoll backend needs 64-bit Linux.");
        _options = options;
        _tcpKeepAliveSeconds = options.TcpKeepAliveSeconds;
        _loops = new IoLoop[options.LoopCount];
        for (int i = 0; i < _loops.Length; i++)
            _loops[i] = options.Backend == TransportBackend.Epoll ? new EpollLoop(i, options.OnError) : new SocketLoop(i, options.OnError);
    }

    public IReadOnlyList<IoLoop> Loops => _loops;

    public TransportBackend Backend => _options.Backend;

    /// <summary>Redis's tcp-keepalive; a change holds for connections accepted from then on. Any thread.</summary>
    public int TcpKeepAliveSeconds
    {
        get => _tcpKeepAliveSeconds;
        set => _tcpKeepAliveSeconds = value;
    }

    /// <summary>The listeners that are open. Any thread.</summary>
    public IReadOnlyList<TransportListener> Listeners
    {
        get
        {
            lock (_gate)
                return [.. _listeners];
        }
    }

    internal bool IsStarted => Volatile.Read(ref _acceptor) != null;

    internal IConnectionAcceptor Acceptor => _acceptor!;

    internal bool IsLoopThread => Array.Exists(_loops, loop => loop.IsCurrent);

    /// <summary>
    /// Binds and listens. <paramref name="address"/> is an IP address, a host name, "*" for every IPv4 or "::*" for every IPv6 address;
    /// port 0 lets the system choose. Throws a <see cref="SocketException"/> with the system's text.
    /// </summary>
    public TransportListener ListenTcp(string address, int port)
    {
        IPAddress ip = Resolve(address);
        var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (ip.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(new IPEndPoint(ip, port));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return Listen(socket, unixPath: null);
    }

    /// <summary>
    /// Listens on a Unix socket, replacing what is at <paramref name="path"/> as Redis does. <paramref name="permissions"/> are the
    /// file's mode bits (Redis's unixsocketperm).
    /// </summary>
    public TransportListener ListenUnix(string path, int? permissions = null)
    {
        RemoveOldSocket(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (permissions is { } mode && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return Listen(socket, path);
    }

    /// <summary>Starts the loops and accepting. Listeners may be added before and after.</summary>
    public void Start(IConnectionAcceptor acceptor)
    {
        TransportListener[] waiting;
        lock (_gate)
        {
            if (_acceptor != null)
                throw new InvalidOperationException("The transport has been started.");
            Volatile.Write(ref _acceptor, acceptor);
            waiting = [.. _listeners];
        }
        foreach (IoLoop loop in _loops)
            loop.Start();
        foreach (TransportListener listener in waiting)
            listener.Start();
    }

    /// <summary>Closes every listener. Connections live on.</summary>
    public void StopAccepting()
    {
        foreach (TransportListener listener in Listeners)
            listener.Close();
    }

    /// <summary>Stops accepting, closes every connection and ends the loops. Not to be called on one of the loops.</summary>
    public void Dispose()
    {
        if (IsLoopThread)
            throw new InvalidOperationException("A loop cannot wait for its own end.");
        StopAccepting();
        foreach (IoLoop loop in _loops)
            loop.RequestStop();
        foreach (IoLoop loop in _loops)
            loop.Dispose();
    }

    internal void Remove(TransportListener listener)
    {
        lock (_gate)
            _listeners.Remove(listener);
    }

    internal IoLoop LeastLoaded()
    {
        IoLoop least = _loops[0];
        for (int i = 1; i < _loops.Length; i++)
        {
            if (_loops[i].ConnectionCount < least.ConnectionCount)
                least = _loops[i];
        }
        return least;
    }

    private TransportListener Listen(Socket socket, string? unixPath)
    {
        try
        {
            socket.Listen(_options.Backlog);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        TransportListener listener;
        if (_loops[0] is EpollLoop epoll)
        {
            socket.Blocking = false;
            listener = new EpollListener(this, socket, unixPath, epoll);
        }
        else
        {
            listener = new SocketListener(this, socket, unixPath, _loops[0]);
        }
        bool started;
        lock (_gate)
        {
            _listeners.Add(listener);
            started = _acceptor != null;
        }
        if (started)
            listener.Start();
        return listener;
    }

    private static void RemoveOldSocket(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Binding will say what is wrong, in the system's words.
        }
    }

    private static IPAddress Resolve(string address)
    {
        if (address == "*")
            return IPAddress.Any;
        if (address == "::*")
            return IPAddress.IPv6Any;
        return IPAddress.TryParse(address, out IPAddress? ip) ? ip : Dns.GetHostAddresses(address)[0];
    }
}
