using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Connections;

/// <summary>A client's MULTI and WATCH.</summary>
internal sealed class TransactionState
{
    // A longer queue's room is not kept for the client's next transaction.
    private const int MaxKeptCapacity = 64;

    private readonly List<(CommandRow Row, ArgumentList Args)> _commands = [];
    private readonly List<WatchedKey> _watched = [];
    private long _watchedBytes;

    /// <summary>A watched key.</summary>
    /// <param name="Database">The database.</param>
    /// <param name="Key">The key.</param>
    /// <param name="Role">What its slot was on this silo.</param>
    /// <param name="Epoch">The slot's, at that moment: the key counts as changed if its slot has been another silo's since.</param>
    public readonly record struct WatchedKey(int Database, byte[] Key, SlotRole Role, long Epoch);

    /// <summary>True between MULTI and EXEC or DISCARD.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>True once a command was refused while queueing: EXEC will fail.</summary>
    public bool HasErrors { get; set; }

    // What a queued command takes beside the bytes of its arguments, and what each argument takes.
    private const int CommandBytes = 160;
    private const int ArgumentBytes = 8;

    // What a watched key takes beside its name, here and where changes of the key are noticed.
    private const int WatchBytes = 200;

    /// <summary>What the queue takes: it counts against the query buffer's limit.</summary>
    public long QueuedBytes { get; private set; }

    /// <summary>What the watched keys take.</summary>
    public long WatchedBytes => _watchedBytes + (Remote?.Bytes ?? 0);

    /// <summary>The flags of all queued commands together.</summary>
    public CommandFlags QueuedFlags { get; private set; }

    /// <summary>The queued commands.</summary>
    public IReadOnlyList<(CommandRow Row, ArgumentList Args)> Commands => _commands;

    /// <summary>Whether a watched key was changed; null while nothing is watched.</summary>
    public WatchState? Watch { get; private set; }

    /// <summary>What is watched on other silos; null while that is nothing.</summary>
    public RemoteWatch? Remote { get; set; }

    public bool WatchesElsewhere => Remote is { HasKeys: true };

    public IReadOnlyList<WatchedKey> Watched => _watched;

    public void Open() => IsOpen = true;

    public void Queue(CommandRow row, ArgumentList args)
    {
        _commands.Add((row, args));
        QueuedBytes += CommandBytes + (ArgumentBytes * (long)args.Count) + args.TotalBytes;
        QueuedFlags |= row.Flags;
    }

    /// <summary>Ends the transaction; what is watched stays until <see cref="Unwatch"/>.</summary>
    public void Close()
    {
        IsOpen = false;
        HasErrors = false;
        QueuedBytes = 0;
        QueuedFlags = CommandFlags.None;
        _commands.Clear();
        if (_commands.Capacity > MaxKeptCapacity) _commands.Capacity = 0;
    }

    public bool IsWatching(int database, ReadOnlySpan<byte> key)
    {
        foreach (var watched in _watched)
            if (watched.Database == database && key.SequenceEqual(watched.Key)) return true;
        return false;
    }

    /// <summary>Notes a watched key and gives the state that is to be marked when it changes.</summary>
    public WatchState AddWatch(int database, byte[] key, Slot slot)
    {
        _watched.Add(new WatchedKey(database, key, slot.Role, slot.Epoch));
        _watchedBytes += WatchBytes + key.Length;
        return Watch ??= new WatchState();
    }

    public void Unwatch()
    {
        _watched.Clear();
        _watchedBytes = 0;
        Watch = null;
        Remote = null;
    }
}
