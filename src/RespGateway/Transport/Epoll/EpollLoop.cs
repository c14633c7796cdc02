using Microsoft.Win32.SafeHandles;

namespace OrleansKv.RespGateway.Transport.Epoll;

/// <summary>A loop over one epoll instance, level-triggered: what a turn leaves in a socket is reported again in the next.</summary>
internal sealed unsafe class EpollLoop : IoLoop
{
    private const int MaxEvents = 256;
    private const int WakeToken = -1;

    private readonly int _epoll;
    // Left to the garbage collector: a thread that posts to a loop about to end may still be writing to it.
    private readonly SafeFileHandle _wakeEvent;
    private readonly EpollEvents _events = new(MaxEvents);
    private readonly Stack<int> _freeTokens = new();
    private object?[] _watched = new object?[64];
    private int _usedTokens;

    public EpollLoop(int index, Action<Exception>? onError)
        : base(index, onError)
    {
        _epoll = Libc.EpollCreate(Libc.EPOLL_CLOEXEC);
        if (_epoll < 0)
            throw Libc.LastError("epoll_create1");
        int wakeEvent = Libc.EventFd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (wakeEvent < 0)
            throw Libc.LastError("eventfd");
        _wakeEvent = new SafeFileHandle(wakeEvent, ownsHandle: true);
        EpollEvents.Control(_epoll, Libc.EPOLL_CTL_ADD, wakeEvent, Libc.EPOLLIN, WakeToken);
    }

    /// <summary>Watches a descriptor for an EpollConnection or EpollListener. The token goes with its events.</summary>
    public int Watch(int fd, uint mask, object owner)
    {
        if (!_freeTokens.TryPop(out int token))
            token = _usedTokens++;
        if (token == _watched.Length)
            Array.Resize(ref _watched, token * 2);
        try
        {
            EpollEvents.Control(_epoll, Libc.EPOLL_CTL_ADD, fd, mask, token);
        }
        catch
        {
            _freeTokens.Push(token);
            throw;
        }
        _watched[token] = owner;
        return token;
    }

    public void ChangeInterest(int fd, uint mask, int token) => EpollEvents.Control(_epoll, Libc.EPOLL_CTL_MOD, fd, mask, token);

    /// <summary>Ends the watch; closing the descriptor, which takes it out of epoll, is the caller's. Only between turns' events.</summary>
    public void Forget(int token)
    {
        _watched[token] = null;
        _freeTokens.Push(token);
    }

    public void RemoveFromEpoll(int fd) => EpollEvents.Control(_epoll, Libc.EPOLL_CTL_DEL, fd, 0, 0);

    internal override void Adopt(AcceptedSocket socket, IConnectionAcceptor acceptor)
    {
        if (IsCurrent)
            Open(socket, acceptor);
        else
            Post(() => Open(socket, acceptor));
    }

    private protected override void SleepAndServe(int timeoutMs)
    {
        int count = Libc.EpollWait(_epoll, _events.Pointer, MaxEvents, timeoutMs);
        EndSleep();
        // A negative count is a signal's interruption: a turn without events.
        for (int i = 0; i < count; i++)
        {
            int token = _events.TokenAt(i);
            if (token == WakeToken)
                ClearWakeEvent();
            else
                Serve(_watched[token], _events.MaskAt(i));
        }
    }

    private protected override void Wake()
    {
        ulong one = 1;
        Libc.Write(_wakeEvent, &one, sizeof(ulong));
    }

    private protected override void CloseListeners()
    {
        for (int token = 0; token < _usedTokens; token++)
            (_watched[token] as EpollListener)?.CloseOnLoop();
    }

    private protected override void ReleaseResources()
    {
        Libc.Close(_epoll);
        _events.Dispose();
    }

    private void Serve(object? owner, uint mask)
    {
        try
        {
            if (owner is EpollConnection connection)
                connection.HandleEvents(mask);
            else
                (owner as EpollListener)?.AcceptAll();
        }
        catch (Exception error)
        {
            // Handlers' exceptions do not come this far. What does must cost one connection, not all of the loop's.
            ReportError(error);
            (owner as EpollConnection)?.Close();
        }
    }

    private void Open(AcceptedSocket socket, IConnectionAcceptor acceptor)
    {
        EpollConnection connection;
        try
        {
            connection = new EpollConnection(this, socket);
        }
        catch (IOException error)
        {
            // The system would not watch it: no memory, or the user's limit of watches.
            ReportError(error);
            Libc.Close(socket.FileDescriptor);
            Unreserve();
            return;
        }
        connection.Open(acceptor);
    }

    private void ClearWakeEvent()
    {
        ulong value;
        Libc.Read(_wakeEvent, &value, sizeof(ulong));
    }
}
