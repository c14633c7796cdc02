using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// Removes expired keys that nobody asks for, so that they leave memory soon after their time.
/// </summary>
/// <remarks>
/// A timer runs a cycle <c>hz</c> times a second, one at a time. Cycles together look at every slot four times a second, which costs
/// a few reads for a slot where nothing is due, and take a slot's lock only where something is, for at most
/// <see cref="KeysPerLock"/> keys on end. A cycle stops when it has used its share of the time, 25 % at active-expire-effort 1 and 2 %
/// more for each step above, and the next one goes on where it stopped.
/// <para>To find the expired keys of a slot all its keys with a time to live are looked at. So that this does not happen anew
/// for every single key that expires, a slot with many of them waits a little longer, up to two seconds, and loses several
/// at once.</para>
/// <para>A cycle also moves on keyspaces that are being resized, since those that no command searches would keep both their tables.</para>
/// </remarks>
public sealed class ActiveExpiry : IDisposable
{
    private const int KeysPerLock = 256;
    private const int WalkMs = 250;

    // A large keyspace takes several visits: one lasts no longer than this, with the lock taken anew every so many buckets.
    private const int RehashMs = 1;
    private const int BucketsPerLock = 256;
    private const int MaxPatienceMs = 2000;
    private const int PatienceMsPerKey = 16;

    private readonly Store _store;
    private readonly Worker _worker;
    private readonly ITimer _timer;
    private readonly Lock _cycle = new();
    private int _next;
    private bool _isStarted;
    private bool _isDisposed;

    internal ActiveExpiry(Store store)
    {
        _store = store;
        _worker = store.CreateWorker();
        _timer = store.Clock.CreateTimer(OnTimer);
    }

    /// <summary>Off: only commands that come across expired keys remove them. DEBUG SET-ACTIVE-EXPIRE.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Cycles that ended because their share of the time was used up: INFO's expired_time_cap_reached_count.</summary>
    public long TimeCapReachedCount { get; private set; }

    /// <summary>Time spent in cycles, in units of <see cref="ServerClock.TicksPerSecond"/>: INFO's expire_cycle_cpu_milliseconds.</summary>
    public long ElapsedTicks { get; private set; }

    /// <summary>Cycles begin, if they have not begun yet: a gateway and a silo may share the store.</summary>
    public void Start()
    {
        if (!Interlocked.Exchange(ref _isStarted, true)) _timer.Change(Period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>CONFIG RESETSTAT.</summary>
    public void ResetStatistics() => TimeCapReachedCount = ElapsedTicks = 0;

    /// <summary>Ends the cycles; one that is under way ends first.</summary>
    public void Dispose()
    {
        lock (_cycle) _isDisposed = true;
        _timer.Dispose();
    }

    /// <summary>Removes what has expired in as many slots as one cycle has to look at, going on where the last one stopped.</summary>
    /// <param name="slotCount">Slots to look at.</param>
    public void RunCycle(int slotCount)
    {
        var started = _store.Clock.Timestamp;
        var deadline = started + ShareTicks;
        _worker.RefreshClock();
        if (_store.Pause.IsActiveAt(_worker.NowMs)) return;
        for (; slotCount > 0; slotCount--)
        {
            RehashIn(_store.Slots[_next], deadline);
            if (!ExpireIn(_store.Slots[_next], deadline))
            {
                TimeCapReachedCount++;
                break;
            }

            _next = (_next + 1) % _store.Slots.Length;
        }

        ElapsedTicks += _store.Clock.Timestamp - started;
    }

    private TimeSpan Period => TimeSpan.FromMilliseconds(1000.0 / _store.Config.Hz);

    private long ShareTicks => _store.Clock.TicksPerSecond / _store.Config.Hz * (23 + (2 * _store.Config.ActiveExpireEffort)) / 100;

    private void OnTimer()
    {
        lock (_cycle)
        {
            if (_isDisposed) return;
            try
            {
                if (IsEnabled) RunCycle(Math.Min(_store.Slots.Length, 1 + (_store.Slots.Length * 1000 / WalkMs / _store.Config.Hz)));
            }
            catch (Exception error) when (_store.OnError is not null)
            {
                _store.OnError?.Invoke(error);
            }
            finally
            {
                _timer.Change(Period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // False where the time was over before all that is due was removed.
    private bool ExpireIn(Slot slot, long deadline)
    {
        for (var database = 0; database < slot.DatabaseCount && slot.IsOwned; database++)
        {
            while (slot.TryGet(database) is { } keyspace && IsDue(keyspace))
            {
                if (_store.Clock.Timestamp > deadline) return false;
                if (ExpireSome(slot, database)) break;
            }
        }

        return true;
    }

    private void RehashIn(Slot slot, long deadline)
    {
        for (var database = 0; database < slot.DatabaseCount; database++)
        {
            if (slot.TryGet(database) is not { IsRehashing: true }) continue;
            var until = Math.Min(deadline, _store.Clock.Timestamp + (_store.Clock.TicksPerSecond * RehashMs / 1000));
            while (_store.Clock.Timestamp < until && RehashSome(slot, database))
            {
            }
        }
    }

    // True while there is more to move.
    private static bool RehashSome(Slot slot, int database)
    {
        slot.Lock.Enter();
        try
        {
            return slot[database].Rehash(BucketsPerLock);
        }
        finally
        {
            slot.Lock.Exit();
        }
    }

    private bool IsDue(SlotKeyspace keyspace)
    {
        var earliest = keyspace.EarliestExpireMs;
        if (earliest > _worker.NowMs) return false;
        return earliest + Math.Min(MaxPatienceMs, keyspace.VolatileCount * (long)PatienceMsPerKey) <= _worker.NowMs;
    }

    // True once all keys of the slot were looked at.
    private bool ExpireSome(Slot slot, int database)
    {
        var found = _worker.Scratch;
        found.Clear();
        slot.Lock.Enter();
        try
        {
            // Read anew under the lock: the slot may have another owner, the database may have been exchanged with another.
            if (!slot.IsOwned) return true;
            var isDone = slot[database].CollectExpired(_worker.NowMs, KeysPerLock, found);
            foreach (var block in found) KeyExpiry.Remove(_worker, slot, database, SlotKeyspace.EntryAt(block));
            return isDone;
        }
        finally
        {
            _worker.Effects.Commit();
            slot.Lock.Exit();
            _worker.SendCaused();
        }
    }
}
