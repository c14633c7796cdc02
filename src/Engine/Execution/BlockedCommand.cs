using OrleansKv.Engine.Commands;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// A command that found nothing and waits (BLPOP and its like). When one of its keys comes to be, whoever made the key runs the command
/// again for it.
/// </summary>
/// <remarks>
/// Exactly one party ends the wait: the thread that serves it, its time limit, CLIENT UNBLOCK or the end of the connection. They settle
/// it by <see cref="TryClaim"/>. While it waits its connection executes nothing.
/// </remarks>
public sealed class BlockedCommand
{
    private const int Waiting = 0;
    private const int Claimed = 1;
    private const int ClaimedAndMissed = 2;
    private const int Ended = 3;
    private const int ClaimedAndAbandoned = 4;

    // What a key takes beside its two copies: its place in the queue and, at worst, the queue itself.
    private const int PlaceBytes = 200;

    private readonly byte[][] _keys;
    private readonly LinkedListNode<BlockedCommand>?[] _places;
    private int _state;

    internal BlockedCommand(CommandContext context, byte[][] keys, long timeoutMs)
    {
        // A context of its own: whoever serves the wait may do so before the client's own thread is done with the command.
        Context = new CommandContext(context.Store, context.Session) { Args = context.Args.Own(), Row = context.Row, IsRetry = true };
        Database = context.Session.Database;
        TimeoutMs = timeoutMs;
        SlotNumbers = Executor.SlotNumbersOf(Context);
        _keys = keys;
        _places = new LinkedListNode<BlockedCommand>[keys.Length];
        OwnedBytes = Context.Args.TotalBytes + keys.Sum(key => (long)key.Length + PlaceBytes);
    }

    public CommandContext Context { get; }

    /// <summary>How long it waits at most; 0 is for ever.</summary>
    public long TimeoutMs { get; }

    /// <summary>What the command keeps while it waits: its arguments, its keys and their places.</summary>
    public long OwnedBytes { get; }

    /// <summary>What must be safe before the reply of a command that was served leaves: see <see cref="Worker.BarrierLsn"/>.</summary>
    public long BarrierLsn { get; internal set; } = -1;

    internal int Database { get; }

    /// <summary>The keys that it waits for, in the order of its arguments.</summary>
    internal IReadOnlyList<byte[]> Keys => _keys;

    /// <summary>The slots of all keys that the command names, ascending: what is locked when it is run again.</summary>
    internal int[] SlotNumbers { get; }

    /// <summary>True while nobody serves or ends it.</summary>
    internal bool IsWaiting => Volatile.Read(ref _state) == Waiting;

    /// <summary>Whether this silo owns the slots of all its keys; without their locks, as of a moment ago.</summary>
    public bool IsServed(Store store) => Executor.AreServed(store, SlotNumbers, readsReplicas: false);

    /// <summary>True once the wait is over.</summary>
    public bool HasEnded => Volatile.Read(ref _state) == Ended;

    /// <summary>
    /// Wins the right to end the wait, or to try to. False where another has it, who is then told by <see cref="Unclaim"/> that a chance
    /// was missed, or where the wait is over.
    /// </summary>
    public bool TryClaim()
    {
        var state = Interlocked.CompareExchange(ref _state, Claimed, Waiting);
        if (state == Waiting) return true;
        if (state == Claimed) state = Interlocked.CompareExchange(ref _state, ClaimedAndMissed, Claimed);

        // Between the two looks it may have been given back.
        return state == Waiting && TryClaim();
    }

    /// <summary>
    /// Ends the wait of a client that has gone. True where the caller has claimed the command and is to <see cref="End"/> it; false where
    /// whoever has the claim will, or where the wait is over.
    /// </summary>
    public bool Abandon()
    {
        while (true)
        {
            if (Interlocked.CompareExchange(ref _state, Claimed, Waiting) == Waiting) return true;
            var state = Volatile.Read(ref _state);
            if (state is Ended or ClaimedAndAbandoned) return false;
            if (state != Waiting && Interlocked.CompareExchange(ref _state, ClaimedAndAbandoned, state) == state) return false;
        }
    }

    /// <summary>Gives the claim back, as there was nothing after all; unless the command was abandoned: then the claimer is to end it.</summary>
    internal UnclaimOutcome Unclaim()
    {
        if (Interlocked.CompareExchange(ref _state, Waiting, Claimed) == Claimed) return UnclaimOutcome.Waits;
        var wasMissed = Interlocked.CompareExchange(ref _state, Waiting, ClaimedAndMissed) == ClaimedAndMissed;
        return wasMissed ? UnclaimOutcome.WaitsAndMissed : UnclaimOutcome.Abandoned;
    }

    /// <summary>Ends the wait of a claimed command: nobody serves it any more. Under any lock or none.</summary>
    internal void MarkEnded() => Volatile.Write(ref _state, Ended);

    /// <summary>Ends the wait of a claimed command and takes it out of its slots' queues. Under no slot lock.</summary>
    public void End(Store store)
    {
        MarkEnded();
        for (var i = 0; i < _keys.Length; i++)
        {
            var slot = store.SlotOf(_keys[i]);
            slot.Lock.Enter();
            try
            {
                slot.Waiters?.Remove(Database, _keys[i], _places[i]!);
                if (slot.Waiters is { IsEmpty: true }) slot.Waiters = null;
            }
            finally
            {
                slot.Lock.Exit();
            }
        }
    }

    /// <summary>Enters the command in its slots' queues, under the locks of its keys, which its handler holds.</summary>
    internal void Enqueue(Store store)
    {
        for (var i = 0; i < _keys.Length; i++)
        {
            var slot = store.SlotOf(_keys[i]);
            slot.Waiters ??= new KeyWaiters(store.DatabaseCount);
            _places[i] = slot.Waiters.Add(Database, _keys[i], this);
        }
    }

    /// <summary>Has every key that the command waits for looked at again.</summary>
    internal void MarkKeysReady(Worker worker)
    {
        foreach (var key in _keys) worker.Deferred.Enqueue((new ReadyKey(worker.Store.SlotOf(key), Database, key), SlotNumbers));
    }
}

/// <summary>What came of a claim that was given back.</summary>
internal enum UnclaimOutcome
{
    /// <summary>The command waits on.</summary>
    Waits,

    /// <summary>It waits on, and another would have served it meanwhile.</summary>
    WaitsAndMissed,

    /// <summary>Its client has gone; the claim stays.</summary>
    Abandoned,
}
