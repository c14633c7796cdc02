using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// What one thread that executes commands keeps between them: its clock, its counters, the slot lock it holds on to. An I/O loop has one.
/// </summary>
public sealed class Worker
{
    private const long NoLsn = -1;

    private readonly List<Action<long>> _toSend = [];
    private long _lastStamp;
    private long _goodCountedMs;
    private int _goodReplicas;

    internal Worker(Store store)
    {
        Store = store;
        Effects = new EffectLog(this);
        Statistics = new WorkerStatistics(store.Commands.Indexed.Count);
        RefreshClock();
    }

    public Store Store { get; }

    /// <summary>Milliseconds since the Unix epoch, as of the last <see cref="RefreshClock"/>: one time for one command.</summary>
    public long NowMs { get; private set; }

    public WorkerStatistics Statistics { get; }

    /// <summary>
    /// The highest LSN of the records of this worker's commands and of the slots that they looked at, since <see cref="ResetBarrier"/>: what must
    /// be safe before their replies leave. Below 0 where they looked at no slot.
    /// </summary>
    public long BarrierLsn { get; private set; } = NoLsn;

    /// <summary>The LSN of the last record of this worker's commands since <see cref="ResetBarrier"/>; 0 where there is none.</summary>
    public long WrittenLsn { get; private set; }

    /// <summary>A random number source of this thread.</summary>
    public Random Random { get; } = RandomSource.Create();

    /// <summary>Entries found by a scan or sample; cleared by whoever uses it.</summary>
    public List<nint> Scratch { get; } = [];

    /// <summary>What commands did that is not in the journal yet.</summary>
    internal EffectLog Effects { get; }

    /// <summary>Whose records this worker executes; null where it executes commands of clients.</summary>
    internal EffectApplier? Applier { get; init; }

    /// <summary>True where records of another store are executed.</summary>
    internal bool IsApplying => Applier != null;

    /// <summary>Where effects go; null where they are not recorded.</summary>
    internal Journal? Journal => Applier == null ? Store.Journal : null;

    /// <summary>The slot whose lock is kept from one command of a batch to the next.</summary>
    internal Slot? Held { get; private set; }

    /// <summary>True while the locks of a transaction, or of every slot, are held and no command takes any.</summary>
    internal bool HoldsAll { get; set; }

    /// <summary>True while a transaction's commands run under locks taken for all of them.</summary>
    public bool IsInTransaction => HoldsAll;

    /// <summary>Keys that came to be and that commands wait for.</summary>
    internal List<ReadyKey> Ready { get; } = [];

    /// <summary>Ready keys to be looked at when no lock is held, and the slots whose locks that takes.</summary>
    internal Queue<(ReadyKey Key, int[] SlotNumbers)> Deferred { get; } = [];

    /// <summary>Waiting commands that were served, and their replies, until no lock is held.</summary>
    internal List<(BlockedCommand Command, Protocol.ReplyBuffer Reply)> Served { get; } = [];

    /// <summary>Locks taken beyond those of the command under way, to serve who waits.</summary>
    internal List<int> ExtraLocks { get; } = [];

    /// <summary>True where <see cref="WaiterService.Finish"/> has something to do.</summary>
    internal bool HasUnfinished => Served.Count + Deferred.Count + Ready.Count + _toSend.Count > 0;

    /// <summary>Reads the clock: before a batch of commands, and after anything between them that takes long.</summary>
    public void RefreshClock()
    {
        NowMs = Store.Clock.NowMs;
        _lastStamp = Store.Clock.Timestamp;
    }

    /// <summary>Begins a batch of commands, whose replies leave together.</summary>
    public void ResetBarrier()
    {
        BarrierLsn = NoLsn;
        WrittenLsn = 0;
    }

    /// <summary>
    /// Has something that is caused by the command under way, and is no reply, sent when the command (or the transaction it is part of) is done.
    /// </summary>
    /// <param name="send">Told the LSN that it must wait for: <see cref="BarrierLsn"/> as of then. Under no slot lock where a command of a client
    /// is the cause.</param>
    public void SendLater(Action<long> send) => _toSend.Add(send);

    /// <summary>Sends what the last command has caused.</summary>
    internal void SendCaused()
    {
        if (_toSend.Count == 0) return;
        foreach (var send in _toSend) send(BarrierLsn);
        _toSend.Clear();
    }

    /// <summary>A record of this worker's commands is in the journal.</summary>
    internal void NoteWritten(long lsn)
    {
        WrittenLsn = lsn;
        Await(lsn);
    }

    /// <summary>The batch depends on the record of this LSN.</summary>
    internal void Await(long lsn)
    {
        if (lsn > BarrierLsn) BarrierLsn = lsn;
    }

    /// <summary>Replicas that have answered within min-replicas-max-lag, as of this millisecond.</summary>
    internal int CountGoodReplicas()
    {
        if (_goodCountedMs == NowMs) return _goodReplicas;
        _goodCountedMs = NowMs;
        return _goodReplicas = Store.Replication?.CountGood(Store.Config.MinReplicasMaxLagSeconds * 1000L) ?? 0;
    }

    /// <summary>Has another clock than the store's own hold for the commands to come.</summary>
    internal void SetClock(long nowMs) => NowMs = nowMs;

    /// <summary>The time since this was last called or the clock was refreshed: one reading of the clock ends a command and begins the next.</summary>
    internal long TakeTicks()
    {
        var stamp = Store.Clock.Timestamp;
        var ticks = stamp - _lastStamp;
        _lastStamp = stamp;
        return ticks;
    }

    /// <summary>Holds the lock of <paramref name="slot"/>, and of no other slot.</summary>
    internal void Hold(Slot slot)
    {
        if (Held == slot) return;
        Release();
        slot.Lock.Enter();
        Held = slot;
    }

    /// <summary>Lets go of the lock kept between commands. At the end of a batch, and before anything that may wait.</summary>
    public void Release()
    {
        if (Held == null) return;
        Held.Lock.Exit();
        Held = null;
    }
}
