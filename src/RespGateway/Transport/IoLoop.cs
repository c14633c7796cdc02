using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansKv.RespGateway.Transport;

/// <summary>
/// One thread that owns a share of the connections: it reads, lets handlers work and writes, runs what other threads post and what was
/// scheduled, and otherwise sleeps. It must never wait for anything else.
/// </summary>
/// <remarks>
/// A turn is: sleep until a socket is ready, something was posted or a timer is due; serve the sockets and send the replies; run posts and
/// timers; tear down the connections closed meanwhile. Closing is put off to that point so that no handler finds its buffers gone while it is still using
/// them, and so that a reused descriptor cannot meet an event meant for its predecessor. Nothing in a turn allocates.
/// </remarks>
public abstract unsafe class IoLoop : IDisposable
{
    /// <summary>Size of the block into which connections without leftovers read.</summary>
    internal const int SharedReadBytes = 64 * 1024;

    /// <summary>Every connection is looked at for idle memory once in this many steps of the sweep.</summary>
    private const int SweepSteps = 16;

    private const int SweepStepMs = 125;

    /// <summary>A connection from which nothing came for so long gives its spare buffers back.</summary>
    private const int IdleMs = 1000;

    private static readonly long TicksPerMs = Stopwatch.Frequency / 1000;

    /// <summary>After a turn of this length the loop lets others run.</summary>
    private static readonly TimeSpan LongTurn = TimeSpan.FromMicroseconds(120);

    private readonly Action<Exception>? _onError;
    private readonly TimerQueue _timers = new();
    private readonly Lock _postGate = new();
    private readonly List<TransportConnection> _connections = [];
    private readonly List<TransportConnection> _toFlush = [];
    private readonly List<TransportConnection> _closing = [];
    private readonly Action _sweep;
    private readonly ManualResetEventSlim _stopped = new();
    private List<Action> _posted = [];
    private List<Action> _running = [];
    private volatile bool _hasPosted;
    private bool _hasEnded;
    private volatile bool _stopRequested;
    private int _mayBeAsleep;
    private int _connectionCount;
    private int _threadId;
    private int _sweepIndex;
    private LoopTimer? _sweepTimer;
    private Thread? _thread;
    private byte* _sharedRead;
    private long _wokenAt;

    private protected IoLoop(int index, Action<Exception>? onError)
    {
        Index = index;
        _onError = onError;
        _sweep = SweepStep;
        RefreshClock();
    }

    public int Index { get; }

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => Volatile.Read(ref _threadId) == Environment.CurrentManagedThreadId;

    /// <summary>Milliseconds on a monotonic clock, read once per wake-up.</summary>
    public long NowMs { get; private set; }

    /// <summary>Connections assigned to this loop, including those that it has yet to take up. Any thread.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>The connections that are open, in no particular order. Loop thread only.</summary>
    public IReadOnlyList<TransportConnection> Connections => _connections;

    /// <summary>What has passed through the loop's connections.</summary>
    public LoopTraffic Traffic { get; } = new();

    internal byte* SharedRead => _sharedRead;

    /// <summary>
    /// Runs <paramref name="work"/> on the loop's thread soon, in the order of posting. Any thread; from the loop itself it runs after
    /// the sockets that are ready. Once the loop has stopped, posts are dropped.
    /// </summary>
    public void Post(Action work)
    {
        lock (_postGate)
        {
            if (_hasEnded)
                return;
            _posted.Add(work);
            _hasPosted = true;
        }
        // The loop announces its sleep before it looks at _hasPosted for the last time; whoever withdraws the announcement wakes it.
        if (Interlocked.Exchange(ref _mayBeAsleep, 0) == 1)
            Wake();
    }

    /// <summary>Whether posted work has yet to run, or to end. Loop thread only.</summary>
    public bool HasPosted => _hasPosted || _running.Count > 0;

    /// <summary>Runs <paramref name="work"/> once, when at least <paramref name="delayMs"/> milliseconds have passed. Loop thread only.</summary>
    public LoopTimer Schedule(long delayMs, Action work)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delayMs);
        if (!IsCurrent)
            throw new InvalidOperationException("Timers belong to their loop's thread.");
        // One more, because the clock's fraction of a millisecond is not known.
        return _timers.Add(ReadClockMs() + Math.Min(delayMs, long.MaxValue / 2) + 1, work);
    }

    /// <summary>Closes the loop's connections and ends its thread. From the loop itself it only asks for that.</summary>
    public void Dispose()
    {
        RequestStop();
        if (_thread == null)
            ReleaseResources();
        else if (!IsCurrent)
            _stopped.Wait();
        GC.SuppressFinalize(this);
    }

    internal void RequestStop()
    {
        _stopRequested = true;
        Post(static () => { });
    }

    internal void Start()
    {
        _sharedRead = (byte*)NativeMemory.Alloc(SharedReadBytes);
        _thread = new Thread(Run) { IsBackground = true, Name = $"io-{Index}" };
        _thread.Start();
    }

    internal void Reserve() => Interlocked.Increment(ref _connectionCount);

    internal void Unreserve() => Interlocked.Decrement(ref _connectionCount);

    /// <summary>Takes a connection into the loop's list, which its tearing down takes it out of.</summary>
    internal void Register(TransportConnection connection)
    {
        connection.LoopListIndex = _connections.Count;
        _connections.Add(connection);
        _sweepTimer ??= Schedule(SweepStepMs, _sweep);
    }

    /// <summary>
    /// Has a connection's output sent when all sockets that were ready are served: a client that is woken by its reply does not take the
    /// core from the loop while others wait for theirs.
    /// </summary>
    internal void FlushLater(TransportConnection connection)
    {
        if (connection.IsToBeFlushed)
            return;
        connection.IsToBeFlushed = true;
        _toFlush.Add(connection);
    }

    internal void TearDownLater(TransportConnection connection) => _closing.Add(connection);

    internal void ReportError(Exception error) => _onError?.Invoke(error);

    /// <summary>Makes the loop take over an accepted socket. Any thread, after <see cref="Reserve"/>.</summary>
    internal abstract void Adopt(AcceptedSocket socket, IConnectionAcceptor acceptor);

    /// <summary>Sleeps for at most <paramref name="timeoutMs"/> (-1: for ever), calls <see cref="EndSleep"/>, serves what is ready.</summary>
    private protected abstract void SleepAndServe(int timeoutMs);

    /// <summary>Ends a sleep. Any thread.</summary>
    private protected abstract void Wake();

    /// <summary>Ends accepting on this loop.</summary>
    private protected abstract void CloseListeners();

    /// <summary>Gives back what the loop itself holds; its thread is about to end.</summary>
    private protected abstract void ReleaseResources();

    private protected void EndSleep()
    {
        Volatile.Write(ref _mayBeAsleep, 0);
        RefreshClock();
    }

    private void Run()
    {
        Volatile.Write(ref _threadId, Environment.CurrentManagedThreadId);
        while (!_stopRequested)
        {
            SleepAndServe(PrepareSleep());
            // Before the posts, which may close a connection whose reply is due; and after them, since without epoll they serve sockets.
            FlushServed();
            RunPosted();
            RunTimers();
            FlushServed();
            TearDownClosed();
        }
        RunPosted();
        CloseListeners();
        foreach (TransportConnection connection in _connections)
            connection.Close();
        TearDownClosed();
        ReleaseResources();
        NativeMemory.Free(_sharedRead);
        _sharedRead = null;
        lock (_postGate)
        {
            _hasEnded = true;
            _posted.Clear();
        }
        _stopped.Set();
    }

    private int PrepareSleep()
    {
        Interlocked.Exchange(ref _mayBeAsleep, 1);
        if (_hasPosted)
            return 0;
        return _timers.Count == 0 ? -1 : _timers.WaitMs(ReadClockMs());
    }

    private void FlushServed()
    {
        if (_toFlush.Count == 0)
            return;
        foreach (TransportConnection connection in _toFlush)
        {
            connection.IsToBeFlushed = false;
            connection.FlushGuarded();
        }
        _toFlush.Clear();
        // A loop with much to do finds more when it is done, and would go on until the scheduler's next tick, for milliseconds; where the
        // cores are fewer than the threads, other loops and clients on this machine wait as long.
        if (Stopwatch.GetElapsedTime(_wokenAt) > LongTurn)
            Thread.Yield();
    }

    private void RunPosted()
    {
        if (!_hasPosted)
            return;
        lock (_postGate)
        {
            (_posted, _running) = (_running, _posted);
            _hasPosted = false;
        }
        foreach (Action work in _running)
            RunGuarded(work);
        _running.Clear();
    }

    private void RunTimers()
    {
        // What a timer schedules runs in a later turn, so that timers cannot starve the sockets.
        long limit = _timers.NextSequence;
        while (_timers.TakeDue(NowMs, limit) is { } timer)
            RunGuarded(timer.Work);
    }

    private void RunGuarded(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error)
        {
            ReportError(error);
        }
    }

    private void TearDownClosed()
    {
        // A handler's last call may close further connections: the list can grow while it is walked.
        for (int i = 0; i < _closing.Count; i++)
        {
            Unregister(_closing[i]);
            _closing[i].TearDown();
            Unreserve();
        }
        _closing.Clear();
    }

    private void Unregister(TransportConnection connection)
    {
        TransportConnection last = _connections[^1];
        _connections[connection.LoopListIndex] = last;
        last.LoopListIndex = connection.LoopListIndex;
        _connections.RemoveAt(_connections.Count - 1);
    }

    /// <summary>
    /// Takes spare buffers from some of the idle connections. In small steps, so that ten thousand connections cause no pause; and only
    /// while there are connections, so that an unused loop sleeps.
    /// </summary>
    private void SweepStep()
    {
        int count = Math.Min(_connections.Count, (_connections.Count / SweepSteps) + 1);
        for (int i = 0; i < count; i++)
        {
            if (_sweepIndex >= _connections.Count)
                _sweepIndex = 0;
            TransportConnection connection = _connections[_sweepIndex++];
            if (NowMs - connection.LastReadMs >= IdleMs)
                connection.ReleaseSpareMemory();
        }
        _sweepTimer = _connections.Count == 0 ? null : Schedule(SweepStepMs, _sweep);
    }

    private void RefreshClock()
    {
        _wokenAt = Stopwatch.GetTimestamp();
        NowMs = _wokenAt / TicksPerMs;
    }

    private static long ReadClockMs() => Stopwatch.GetTimestamp() / TicksPerMs;
}
