namespace OrleansKv.Engine.Replication;

/// <summary>
/// What stands between a command's execution and its reply: everything it did or saw must be committed, and this silo must have been the
/// owner all the while. A reply that never comes is a closed connection, since nobody knows then what became of the command.
/// </summary>
/// <remarks>
/// Ownership is one question for all slots. Slots leave in a planned way only after everything done on them was committed, so nobody waits on
/// such a slot; in an unplanned way they leave all together, when the silo was declared dead. Between execution and reply a lease that ran out and
/// was renewed is as good as one that never did: who answers a primary was not promoted before. Safe for any thread.
/// </remarks>
/// <param name="clock">Replication's clock, read where waiters are let go; null where the time that is given is exact, as in simulations.</param>
public sealed class CommitBarrier(Func<long>? clock = null)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<ICommitWaiter, (long Lsn, long Order)> _waiters = new();
    private long _committed = long.MaxValue;
    private long _leaseUntilMs = long.MaxValue;
    private long _order;
    private bool _isLost;

    /// <summary>Nobody is waited for, and no lease can run out: a silo alone. Asks no clock.</summary>
    /// <remarks>Whoever closes the barrier reads afterwards how far the journal goes. So the caller's records must be seen by others before the
    /// barrier is looked at: leaving a slot's lock alone does not see to that.</remarks>
    public bool IsOpen
    {
        get
        {
            Interlocked.MemoryBarrier();
            return Volatile.Read(ref _committed) == long.MaxValue && Volatile.Read(ref _leaseUntilMs) == long.MaxValue;
        }
    }

    /// <summary>Every record up to here is where the configuration wants it; <see cref="long.MaxValue"/> where nobody is waited for.</summary>
    public long Committed => Volatile.Read(ref _committed);

    /// <summary>Until when this silo owns its slots, on the clock of replication; <see cref="long.MaxValue"/> where nobody can be promoted.</summary>
    public long LeaseUntilMs => Volatile.Read(ref _leaseUntilMs);

    /// <summary>Connections that wait.</summary>
    public int WaiterCount
    {
        get
        {
            lock (_lock) return _waiters.Count;
        }
    }

    /// <summary>Whether a record is committed; says nothing of the lease.</summary>
    public bool IsCommitted(long lsn) => lsn <= Volatile.Read(ref _committed);

    /// <summary>Whether a reply that depends on the records up to <paramref name="lsn"/> may go out now.</summary>
    public bool Passes(long lsn, long nowMs) => IsCommitted(lsn) && nowMs < Volatile.Read(ref _leaseUntilMs);

    /// <summary>Passes at once (true), or has the waiter told later, exactly once, and perhaps before this returns.</summary>
    public bool PassOrWait(long lsn, long nowMs, ICommitWaiter waiter)
    {
        lock (_lock)
        {
            if (Passes(lsn, nowMs)) return true;
            if (!_isLost)
            {
                _waiters.Enqueue(waiter, (lsn, _order++));
                return false;
            }
        }

        waiter.OnLost();
        return false;
    }

    /// <summary>Sets how far things are committed and owned, and lets go whoever waited for no more, in the order of what they waited for.</summary>
    internal void Set(long committed, long leaseUntilMs, long nowMs)
    {
        List<ICommitWaiter>? passed = null;
        lock (_lock)
        {
            // The caller may have been stopped since it looked at the clock, and others may have been promoted meanwhile: whoever waits here is judged
            // by a time after it began to.
            if (clock != null) nowMs = clock();
            if (_isLost) return;
            Volatile.Write(ref _committed, committed);
            Volatile.Write(ref _leaseUntilMs, leaseUntilMs);
            while (_waiters.TryPeek(out _, out var first) && Passes(first.Lsn, nowMs)) (passed ??= []).Add(_waiters.Dequeue());
        }

        foreach (var waiter in passed ?? []) waiter.OnCommitted();
    }

    /// <summary>The silo owns nothing any more: everybody who waits is told, and nobody passes from now on.</summary>
    internal void Lose()
    {
        List<ICommitWaiter> lost = [];
        lock (_lock)
        {
            _isLost = true;
            Volatile.Write(ref _leaseUntilMs, long.MinValue);
            Volatile.Write(ref _committed, -1);
            while (_waiters.TryDequeue(out var waiter, out _)) lost.Add(waiter);
        }

        foreach (var waiter in lost) waiter.OnLost();
    }
}

/// <summary>A connection whose replies wait for the barrier. Called on any thread, and never under a lock of the barrier.</summary>
public interface ICommitWaiter
{
    /// <summary>The replies may go out.</summary>
    void OnCommitted();

    /// <summary>Whether what was done survives is unknown: the connection is closed without its replies.</summary>
    void OnLost();
}
