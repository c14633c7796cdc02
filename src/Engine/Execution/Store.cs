using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Execution;

/// <summary>The data of one silo: the slot table, the commands that work on it, and who executes them.</summary>
public sealed class Store : IDisposable
{
    private readonly Slot[] _slots = new Slot[SlotHash.SlotCount];
    private readonly List<Worker> _workers = [];
    private readonly LazyFree _lazyFree = new();

    /// <param name="config">The server's configuration, read while commands run.</param>
    /// <param name="time">Where time comes from.</param>
    /// <param name="commands">Rows of the layers above, beside the engine's own.</param>
    public Store(ServerConfig config, TimeProvider time, params IEnumerable<CommandRow>[] commands)
    {
        Config = config;
        Clock = new ServerClock(time);
        Evictor = new Evictor(this);
        Commands = EngineCommands.CreateTable();
        foreach (var rows in commands) Commands.Add(rows);
        for (var i = 0; i < _slots.Length; i++) _slots[i] = new Slot(i);
        ActiveExpiry = new ActiveExpiry(this);
    }

    public ServerConfig Config { get; }

    public ServerClock Clock { get; }

    public CommandTable Commands { get; }

    /// <summary>Databases that SELECT accepts.</summary>
    public int DatabaseCount => Config.Databases;

    /// <summary>The slots, by number.</summary>
    public ReadOnlySpan<Slot> Slots => _slots;

    /// <summary>Takes keyspace events where notify-keyspace-events asks for them; null until a gateway has set it.</summary>
    public IKeyspaceEvents? Events { get; set; }

    /// <summary>Who listens on this silo's gateway; null until a gateway has set it.</summary>
    public ISubscribers? Subscribers { get; set; }

    /// <summary>Who waits on this silo's gateway for keys of other silos; null until a gateway has set it.</summary>
    public IWaitingClients? WaitingClients { get; set; }

    /// <summary>What commands do is recorded here; null where nobody follows. Set before anything executes.</summary>
    public Journaling.Journal? Journal { get; set; }

    /// <summary>What replies wait for before they leave, in a silo whose slots have copies on others; null where nobody is waited for.</summary>
    public Replication.IReplicationState? Replication { get; set; }

    /// <summary>
    /// Told of exceptions in the store's own background work, which goes on, and without it end the process; and of those of waiting commands,
    /// which whoever made their keys ran and is not to suffer for. Any thread, perhaps under slot locks; returns at once.
    /// </summary>
    public Action<Exception>? OnError { get; set; }

    public LazyFree LazyFree => _lazyFree;

    /// <summary>CLIENT PAUSE.</summary>
    public PauseState Pause { get; } = new();

    /// <summary>Keeps memory below maxmemory.</summary>
    public Evictor Evictor { get; }

    /// <summary>Removes keys that expire. Whoever lets clients in starts it.</summary>
    public ActiveExpiry ActiveExpiry { get; }

    /// <summary>Everyone who executes commands, for adding counters up.</summary>
    public Worker[] Workers
    {
        get
        {
            lock (_workers) return [.. _workers];
        }
    }

    /// <summary>The slot of a key.</summary>
    public Slot SlotOf(ReadOnlySpan<byte> key) => _slots[SlotHash.Of(key)];

    /// <summary>A worker for a new thread that executes commands.</summary>
    public Worker CreateWorker()
    {
        var worker = new Worker(this);
        lock (_workers) _workers.Add(worker);
        return worker;
    }

    /// <summary>Keys of a database in the slots that this silo owns; not exact while others write.</summary>
    public long CountKeys(int database)
    {
        long sum = 0;
        foreach (var slot in _slots)
            if (slot.IsOwned) sum += slot.CountKeys(database);
        return sum;
    }

    /// <summary>Has <paramref name="state"/> marked when the key is changed. Under the lock of the key's slot.</summary>
    public void Watch(int database, byte[] key, WatchState state, bool isExpired)
    {
        var slot = SlotOf(key);
        slot.Watches ??= new KeyWatches();
        slot.Watches.Add(database, key, state, isExpired);
    }

    /// <summary>
    /// Whether the key was an expired one, though still there, when the watch began or when it came by SWAPDB: then that it is expired is no
    /// change. Under the lock of the key's slot.
    /// </summary>
    public bool WasExpired(int database, byte[] key, WatchState state) => SlotOf(key).Watches?.WasExpired(database, key, state) == true;

    /// <summary>Ends a watch. Takes the lock of the key's slot.</summary>
    public void Unwatch(int database, byte[] key, WatchState state)
    {
        var slot = SlotOf(key);
        slot.Lock.Enter();
        try
        {
            slot.Watches?.Remove(database, key, state);
            if (slot.Watches is { IsEmpty: true }) slot.Watches = null;
        }
        finally
        {
            slot.Lock.Exit();
        }
    }

    /// <summary>Keys of a database, how many of them expire, and in how many milliseconds on average; not exact while others write.</summary>
    /// <param name="worker">Whose command asks: within EXEC it holds the locks already.</param>
    /// <param name="database">The database.</param>
    public static (long Keys, long Expires, long AverageTtlMs) Summarize(Worker worker, int database)
    {
        long keys = 0, expires = 0, samples = 0, sumMs = 0;
        foreach (var slot in new SlotWalk(worker, database))
        {
            var keyspace = slot[database];
            keys += keyspace.Count;
            expires += keyspace.VolatileCount;
            if (keyspace.VolatileCount == 0) continue;
            samples++;
            sumMs += Math.Max(0, keyspace.VolatileAt(0).ExpireAtMs - worker.NowMs);
        }

        return (keys, expires, samples == 0 ? 0 : sumMs / samples);
    }

    /// <summary>
    /// Frees a collection that no key leads to any more: at once, or in the background where it is big and that is asked for, or so big that
    /// others would notice the wait.
    /// </summary>
    public void Free(Collection? collection, bool lazily)
    {
        if (collection == null) return;
        if (collection.FreeEffort > (lazily ? LazyFree.BackgroundEffort : LazyFree.MaxForegroundEffort)) _lazyFree.Enqueue(collection);
        else collection.Free();
    }

    /// <summary>Frees all data. Nothing executes any more.</summary>
    public void Dispose()
    {
        ActiveExpiry.Dispose();
        _lazyFree.Dispose();
        foreach (var slot in _slots)
            for (var database = 0; database < slot.DatabaseCount; database++)
                slot.TryGet(database)?.Clear(collection => collection.Free());
    }
}

/// <summary>Takes keyspace events: what notify-keyspace-events publishes.</summary>
public interface IKeyspaceEvents
{
    /// <summary>
    /// Called under a slot lock, before the journal has the change; returns at once. Who must not tell of what may still be lost sends it by
    /// <see cref="Worker.SendLater"/>.
    /// </summary>
    void Publish(Worker worker, int database, KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key);
}
