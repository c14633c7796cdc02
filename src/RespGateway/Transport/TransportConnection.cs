using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Transport;

/// <summary>
/// One client's socket, pinned to a loop. Everything here belongs to the loop's thread unless it says otherwise.
/// </summary>
/// <remarks>
/// The state machine is shared by the backends, which supply the four things that differ: one non-blocking receive, one non-blocking
/// send, telling the system what to watch, and giving the socket back. A turn reads at most once per connection and sends at most a
/// bounded amount, so that one connection cannot hold up the others of its loop.
/// </remarks>
public abstract unsafe class TransportConnection
{
    private protected const int WouldBlock = -1;
    private protected const int Failed = -2;

    /// <summary>Most that one flush sends before other connections get their turn.</summary>
    private const long MaxFlushBytes = 1024 * 1024;

    private IConnectionHandler? _handler;
    private Action? _postedFlush;
    private Action? _postedClose;
    private int _flushRequested;
    private bool _readingPaused;
    private bool _closeAfterFlush;
    private bool _hasEnded;

    private protected TransportConnection(IoLoop loop, string remoteAddress, string localAddress)
    {
        Loop = loop;
        RemoteAddress = remoteAddress;
        LocalAddress = localAddress;
    }

    public IoLoop Loop { get; }

    /// <summary>Who is told of this connection's events. Set by what the acceptor returned; may be replaced.</summary>
    public IConnectionHandler Handler
    {
        get => _handler ?? throw new InvalidOperationException("The connection has not been accepted.");
        set => _handler = value;
    }

    /// <summary>Bytes received and not consumed.</summary>
    public InputBuffer Input { get; } = new();

    /// <summary>Bytes to be sent. The loop flushes them after <see cref="IConnectionHandler.OnData"/>, at other times <see cref="Flush"/>.</summary>
    public ReplyBuffer Output { get; } = new();

    /// <summary>The peer as Redis prints it: "127.0.0.1:50000", "[::1]:5", "/path/sock:0". Any thread.</summary>
    public string RemoteAddress { get; }

    /// <summary>This end as Redis prints it. Any thread.</summary>
    public string LocalAddress { get; }

    /// <summary>The operating system's number of the socket, for display only.</summary>
    public abstract int FileDescriptor { get; }

    /// <summary>True from the first call that closes the connection. Any thread may look.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The loop's time when something last arrived, for idle limits.</summary>
    public long LastReadMs { get; private set; }

    /// <summary>True while a flush waits for the peer to take more.</summary>
    public bool IsSendBlocked { get; private set; }

    /// <summary>
    /// Set to hold a client back: nothing more is read and its sending stalls, at the latest when the kernel's buffers are full. What
    /// is in <see cref="Input"/> already is the handler's to go on with when it ends the pause.
    /// </summary>
    public bool ReadingPaused
    {
        get => _readingPaused;
        set
        {
            if (_readingPaused == value)
                return;
            _readingPaused = value;
            if (!IsClosed)
                UpdateInterest();
        }
    }

    /// <summary>
    /// While set, nothing of <see cref="Output"/> is sent, not even before a close: the handler has written what must not be seen yet. It
    /// calls <see cref="Flush"/> when it ends this.
    /// </summary>
    public bool OutputHeld { get; set; }

    /// <summary>Place in the loop's list of connections.</summary>
    internal int LoopListIndex { get; set; }

    private protected bool WantsRead => !_readingPaused && !_closeAfterFlush && !_hasEnded && !IsClosed;

    private protected bool WantsWrite => IsSendBlocked && !IsClosed;

    /// <summary>
    /// Sends as much of <see cref="Output"/> as the socket takes. If something is left, the loop goes on by itself when the socket
    /// takes more, and calls <see cref="IConnectionHandler.OnDrained"/> when all is sent.
    /// </summary>
    public void Flush()
    {
        if (IsClosed || IsSendBlocked || OutputHeld)
            return;
        SendOutput();
        if (IsSendBlocked)
            UpdateInterest();
        else if (_closeAfterFlush)
            Close();
    }

    /// <summary>True while the connection is in the loop's list of those to flush at the end of the turn.</summary>
    internal bool IsToBeFlushed { get; set; }

    /// <summary>As <see cref="Flush"/>; what goes wrong costs this connection alone.</summary>
    internal void FlushGuarded()
    {
        try
        {
            Flush();
        }
        catch (Exception error)
        {
            Loop.ReportError(error);
            Close();
        }
    }

    /// <summary>Any thread: has the loop flush soon. Requests that come together cost one.</summary>
    public void RequestFlush()
    {
        if (Interlocked.Exchange(ref _flushRequested, 1) == 1)
            return;
        Loop.Post(_postedFlush ??= () =>
        {
            Volatile.Write(ref _flushRequested, 0);
            Flush();
        });
    }

    /// <summary>Reads no more and closes as soon as <see cref="Output"/> is sent, at once if it is empty.</summary>
    public void CloseAfterFlush()
    {
        if (IsClosed || _closeAfterFlush)
            return;
        _closeAfterFlush = true;
        UpdateInterest();
        Flush();
    }

    /// <summary>
    /// Closes without sending what is left. The handler's OnClosed follows at the end of the loop's turn, never inside this call; until
    /// then the buffers stay readable. Closing again does nothing.
    /// </summary>
    public void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        Loop.TearDownLater(this);
    }

    /// <summary>Any thread: has the loop close the connection soon.</summary>
    public void RequestClose() => Loop.Post(_postedClose ??= Close);

    /// <summary>Called on the loop once the connection is set up: asks the acceptor, then starts reading.</summary>
    internal void Open(IConnectionAcceptor acceptor)
    {
        LastReadMs = Loop.NowMs;
        Loop.Register(this);
        try
        {
            _handler = acceptor.Accept(this);
        }
        catch (Exception error)
        {
            Loop.ReportError(error);
            Close();
            return;
        }
        if (_handler == null)
            CloseAfterFlush();
        else if (!Output.IsEmpty)
            Flush();
        if (!IsClosed)
            UpdateInterest();
    }

    /// <summary>The socket has something to read, or its end.</summary>
    internal void HandleReadable()
    {
        if (!WantsRead)
            return;
        byte* place = Input.PrepareRead(Loop.SharedRead, IoLoop.SharedReadBytes, out int roomBytes);
        int received = Receive(place, roomBytes);
        if (received <= 0)
        {
            Input.Settle();
            if (received == 0 && _handler!.OnEnd())
                EndReading();
            else if (received != WouldBlock)
                Close();
            return;
        }
        LastReadMs = Loop.NowMs;
        Loop.Traffic.CountRead(received);
        Input.AddRead(received);
        Notify(_handler!, drained: false);
        if (!Output.IsEmpty)
            Loop.FlushLater(this);
        Input.Settle();
    }

    /// <summary>The socket takes bytes again.</summary>
    internal void HandleWritable()
    {
        if (!WantsWrite)
            return;
        IsSendBlocked = false;
        if (!OutputHeld)
            SendOutput();
        if (IsClosed)
            return;
        UpdateInterest();
        if (IsSendBlocked || OutputHeld)
            return;
        if (_closeAfterFlush)
        {
            Close();
            return;
        }
        Notify(_handler!, drained: true);
        if (!Output.IsEmpty)
            Flush();
        Input.Settle();
    }

    internal void ReleaseSpareMemory()
    {
        Input.ReleaseIfEmpty();
        if (Output.IsEmpty)
            Output.Trim();
    }

    /// <summary>The end of the connection, called once by the loop between turns' work.</summary>
    internal void TearDown()
    {
        ReleaseSocket(orderly: _closeAfterFlush && Output.IsEmpty);
        try
        {
            _handler?.OnClosed();
            Input.Release();
            Output.Dispose();
        }
        catch (Exception error)
        {
            Loop.ReportError(error);
        }
    }

    /// <summary>Receives what is there: the number of bytes, 0 at the end of the stream, or WouldBlock or Failed.</summary>
    private protected abstract int Receive(byte* place, int roomBytes);

    /// <summary>
    /// Sends from the front of a non-empty <see cref="Output"/> what the socket takes now, without advancing it: the number of bytes,
    /// or Failed. <paramref name="offeredBytes"/> is what it tried to send; less sent means that the socket is full.
    /// </summary>
    private protected abstract long Send(out long offeredBytes);

    /// <summary>Has the system watch for what WantsRead and WantsWrite say now.</summary>
    private protected abstract void UpdateInterest();

    /// <summary>
    /// Closes the socket. An orderly close first says that nothing follows and discards what has arrived, because closing over unread
    /// input makes the kernel reset the connection, which can cost the peer the last reply.
    /// </summary>
    private protected abstract void ReleaseSocket(bool orderly);

    private void EndReading()
    {
        _hasEnded = true;
        UpdateInterest();
    }

    private void SendOutput()
    {
        long budgetBytes = MaxFlushBytes;
        while (!Output.IsEmpty)
        {
            long sent = Send(out long offered);
            if (sent < 0)
            {
                Close();
                return;
            }
            Output.Advance(sent);
            Loop.Traffic.CountWrite(sent);
            budgetBytes -= sent;
            if (sent < offered || (budgetBytes <= 0 && !Output.IsEmpty))
            {
                IsSendBlocked = true;
                return;
            }
        }
    }

    private void Notify(IConnectionHandler handler, bool drained)
    {
        try
        {
            if (drained)
                handler.OnDrained();
            else
                handler.OnData();
        }
        catch (Exception error)
        {
            Loop.ReportError(error);
            Close();
        }
    }
}
