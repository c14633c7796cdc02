using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansKv.RespGateway.Transport;

/// <summary>
/// One thread that owns a share of the connections: it reads, lets handlers work and writes, runs what other threads post and what was
/// scheduled, and otherwise sleeps. It must never wait for anything else.
/// </summary>
/// <remarks>
/// A turn is: sleep until a socket is ready, something was posted or a timer is due; serve the sockets; run posts and timers; tear down
/// the connections closed meanwhile. Closing is put off to that point so that no handler finds its buffers gone while it is still using
/// them, and so that a reused descriptor cannot meet an event meant for its predecessor. Nothing in a turn allocates.
/// </remarks>
public abstract unsafe class IoLoop : IDisposable
{
    /// <summary>Size of the block into which connections without leftovers read.</summary>
    internal const int SharedReadBytes = 64 * 1024;

    private readonly Action<Exception>? _onError;
    private readonly TimerQueue _timers = new();
    private readonly Lock _postGate = new();
    private readonly List<TransportConnection> _closing = [];
    private readonly ManualResetEventSlim _stopped = new();
    private List<Action> _posted = [];
    private List<Action> _running = [];
    private volatile bool _hasPosted;
    private volatile bool _stopRequested;
    private int _mayBeAsleep;
    private int _connectionCount;
    private int _threadId;
    private Thread? _thread;
    private byte* _sharedRead;

    private protected IoLoop(int index, Action<Exception>? onError)
    {
        Index = index;
        _onError = onError;
        RefreshClock();
    }

    public int Index { get; }

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => Volatile.Read(ref _threadId) == Environment.CurrentManagedThreadId;

    /// <summary>Milliseconds on a monotonic clock, read once per wake-up.</summary>
    public long NowMs { get; private set; }

    /// <summary>Connections assigned to this loop, including those that it has yet to take up. Any thread.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    internal byte* SharedRead => _sharedRead;

    /// <summary>
    /// Runs <paramref name="work"/> on the loop's thread soon, in the order of posting. Any thread; from the loop itself it runs after
    /// the sockets that are ready. Once the loop has stopped, posts are dropped.
    /// </summary>
    public void Post(Action work)
    {
        lock (_postGate)
        {
            _posted.Add(work);
            _hasPosted = true;
        }
        // The loop announces its sleep before it looks at _hasPosted for the last time; whoever withdraws the announcement wakes it.
        if (Interlocked.Exchange(ref _mayBeAsleep, 0) == 1)
            Wake();
    }

    /// <summary>Runs <paramref name="work"/> once, when at least <paramref name="delayMs"/> milliseconds have passed. Loop thread only.</summary>
    public LoopTimer Schedule(int delayMs, Action work)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delayMs);
        // One more, because the clock's fraction of a millisecond is not known.
        return _timers.Add(ReadClockMs() + delayMs + 1, work);
    }

    /// <summary>Closes the loop's connections and ends its thread. From the loop itself it only asks for that.</summary>
    public void Dispose()
    {
        RequestStop();
        if (_thread != null && !IsCurrent)
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

    internal void TearDownLater(TransportConnection connection) => _closing.Add(connection);

    internal void ReportError(Exception error) => _onError?.Invoke(error);

    /// <summary>Makes the loop take over an accepted socket. Any thread, after <see cref="Reserve"/>.</summary>
    internal abstract void Adopt(AcceptedSocket socket, IConnectionAcceptor acceptor);

    /// <summary>Sleeps for at most <paramref name="timeoutMs"/> (-1: for ever), calls <see cref="EndSleep"/>, serves what is ready.</summary>
    private protected abstract void SleepAndServe(int timeoutMs);

    /// <summary>Ends a sleep. Any thread.</summary>
    private protected abstract void Wake();

    /// <summary>Closes every connection of the loop.</summary>
    private protected abstract void CloseConnections();

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
            RunPosted();
            RunTimers();
            TearDownClosed();
        }
        RunPosted();
        CloseConnections();
        TearDownClosed();
        ReleaseResources();
        NativeMemory.Free(_sharedRead);
        _sharedRead = null;
        _stopped.Set();
    }

    private int PrepareSleep()
    {
        Interlocked.Exchange(ref _mayBeAsleep, 1);
        if (_hasPosted)
            return 0;
        return _timers.Count == 0 ? -1 : _timers.WaitMs(ReadClockMs());
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
            _closing[i].TearDown();
            Unreserve();
        }
        _closing.Clear();
    }

    private void RefreshClock() => NowMs = ReadClockMs();

    private static long ReadClockMs() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);
}
