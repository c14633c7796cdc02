using System.Net;
using System.Net.Sockets;

namespace OrleansKv.RespGateway.Transport;

/// <summary>A bound address. The kernel queues connections from the moment it exists; they are taken up once the server has started.</summary>
public abstract class TransportListener
{
    /// <summary>As in Redis: the peer is given up after three unanswered probes.</summary>
    private protected const int KeepAliveProbes = 3;

    private const int HoldOffMs = 100;

    private readonly IoLoop _loop;

    private protected TransportListener(TransportServer server, Socket socket, string? unixPath, IoLoop loop)
    {
        Server = server;
        Socket = socket;
        UnixPath = unixPath;
        _loop = loop;
        Port = (socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
    }

    /// <summary>The TCP port, the one that the system chose where 0 was asked for; 0 for a Unix socket.</summary>
    public int Port { get; }

    /// <summary>The path of a Unix socket, otherwise null.</summary>
    public string? UnixPath { get; }

    private protected TransportServer Server { get; }

    private protected Socket Socket { get; }

    private protected bool IsListening { get; private set; } = true;

    /// <summary>
    /// Closes the address; connections already accepted live on. Any thread. On return the address is free, except on another I/O loop,
    /// which must not wait: there it becomes free soon.
    /// </summary>
    public void Close()
    {
        if (!Server.IsStarted || _loop.IsCurrent)
        {
            CloseOnLoop();
            return;
        }
        if (Server.IsLoopThread)
        {
            _loop.Post(CloseOnLoop);
            return;
        }
        using var closed = new ManualResetEventSlim();
        _loop.Post(() =>
        {
            CloseOnLoop();
            closed.Set();
        });
        closed.Wait();
    }

    internal void Start() => _loop.Post(() =>
    {
        if (IsListening)
            BeginAccepting();
    });

    internal void CloseOnLoop()
    {
        if (!IsListening)
            return;
        IsListening = false;
        Server.Remove(this);
        EndAccepting();
        Socket.Dispose();
        if (UnixPath != null)
            File.Delete(UnixPath);
    }

    private protected abstract void BeginAccepting();

    private protected abstract void PauseAccepting();

    private protected abstract void ResumeAccepting();

    private protected abstract void EndAccepting();

    private protected void HandOut(AcceptedSocket socket)
    {
        IoLoop target = Server.LeastLoaded();
        target.Reserve();
        target.Adopt(socket, Server.Acceptor);
    }

    /// <summary>Stops accepting for a moment after a failure that would repeat itself at once.</summary>
    private protected void HoldOff(Exception error)
    {
        _loop.ReportError(error);
        PauseAccepting();
        _loop.Schedule(HoldOffMs, () =>
        {
            if (IsListening)
                ResumeAccepting();
        });
    }
}
