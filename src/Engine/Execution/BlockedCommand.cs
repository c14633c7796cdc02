using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

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
    private const int Ended = 2;

    private readonly byte[][] _keys;
    private int _state;

    internal BlockedCommand(CommandContext context, byte[][] keys, long timeoutMs, NothingReply nothing)
    {
        // A context of its own: whoever serves the wait may do so before the client's own thread is done with the command.
        Context = new CommandContext(context.Store, context.Session) { Args = context.Args.Own(), Row = context.Row, IsRetry = true };
        Database = context.Session.Database;
        TimeoutMs = timeoutMs;
        Nothing = nothing;
        _keys = keys;
    }

    public CommandContext Context { get; }

    /// <summary>How long it waits at most; 0 is for ever.</summary>
    public long TimeoutMs { get; }

    /// <summary>The reply when the time is over.</summary>
    public NothingReply Nothing { get; }

    internal int Database { get; }

    /// <summary>Wins the right to end the wait, or to try to. False where another has it or the wait is over.</summary>
    public bool TryClaim() => Interlocked.CompareExchange(ref _state, Claimed, Waiting) == Waiting;

    /// <summary>True once the wait is over.</summary>
    public bool HasEnded => Volatile.Read(ref _state) == Ended;

    /// <summary>Gives the claim back: there was nothing after all.</summary>
    internal void Unclaim() => Volatile.Write(ref _state, Waiting);

    /// <summary>Ends the wait of a claimed command and takes it out of its slots' queues. Under no slot lock.</summary>
    public void End(Store store)
    {
        Volatile.Write(ref _state, Ended);
        foreach (var key in _keys)
        {
            var slot = store.SlotOf(key);
            slot.Lock.Enter();
            slot.Waiters?.Remove(Database, key, this);
            if (slot.Waiters is { IsEmpty: true }) slot.Waiters = null;
            slot.Lock.Exit();
        }
    }

    /// <summary>Enters the command in its slots' queues, under the locks of its keys, which its handler holds.</summary>
    internal void Enqueue(Store store)
    {
        foreach (var key in _keys)
        {
            var slot = store.SlotOf(key);
            slot.Waiters ??= new KeyWaiters(store.DatabaseCount);
            slot.Waiters.Add(Database, key, this);
        }
    }
}
