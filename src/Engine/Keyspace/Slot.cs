using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Keyspace;

/// <summary>What a silo is to a slot.</summary>
public enum SlotRole : byte
{
    /// <summary>It owns the slot: executes its commands, expires and evicts its keys. A silo alone owns every slot.</summary>
    Primary,

    /// <summary>It keeps a copy, which only the owner's effects change.</summary>
    Replica,

    /// <summary>It has nothing to do with the slot.</summary>
    Away,
}

/// <summary>One of the 16384 slots: its keys in every database, and who waits for or watches them. All of it is used under <see cref="Lock"/>.</summary>
public sealed class Slot
{
    /// <summary>Bytes of a slot, about.</summary>
    internal const int Bytes = 80;

    /// <summary>Not reentrant; several are taken in ascending order of <see cref="Number"/>.</summary>
    public SlotLock Lock;

    private SlotKeyspace _first = new();
    private SlotKeyspace?[]? _others;

    public Slot(int number) => Number = number;

    /// <summary>0 to 16383.</summary>
    public int Number { get; }

    /// <summary>
    /// What this silo is to the slot. Changed under the lock; read under it by whoever acts on it. Once the slot is another's, who watches its
    /// keys cannot be told of changes: their EXEC fails.
    /// </summary>
    public SlotRole Role
    {
        get;
        set
        {
            if (field == SlotRole.Primary && value != SlotRole.Primary) Watches?.TouchAll();
            field = value;
        }
    }

    /// <summary>The version of the slot map that made the present owner the owner; 0 without a cluster. Under the lock.</summary>
    public long Epoch { get; set; }

    /// <summary>
    /// The cluster gives the slot to this silo, which does not serve it: not yet, or for the moment. Replicas have its effects already or still, so a
    /// command on all slots, which would pass it over here and not there, is not executed meanwhile. Changed under the lock.
    /// </summary>
    public bool IsHeldBack { get; set; }

    /// <summary>True where this silo is the owner. Without the lock, as of a moment ago.</summary>
    public bool IsOwned => Role == SlotRole.Primary;

    /// <summary>Databases this slot has keyspaces for, from 0.</summary>
    public int DatabaseCount => 1 + (_others?.Length ?? 0);

    /// <summary>The LSN of the journal's last record with an effect here; 0 where there is none. Under the slot lock.</summary>
    public long LastLsn { get; set; }

    /// <summary>Who watches keys here for an EXEC; null while nobody does.</summary>
    internal KeyWatches? Watches { get; set; }

    /// <summary>Commands that wait for keys here; null while none does.</summary>
    internal Execution.KeyWaiters? Waiters { get; set; }

    /// <summary>Whether commands wait for keys of it; without its lock, as of a moment ago.</summary>
    public bool HasWaiters => Waiters != null;

    /// <summary>Copies of the slot that are being made; null while none is.</summary>
    internal Journaling.SlotCopies? Copies { get; set; }

    /// <summary>The keyspace of a database.</summary>
    public SlotKeyspace this[int database] => database == 0 ? _first : Other(database);

    /// <summary>The keyspace of a database, or null where none was ever needed.</summary>
    public SlotKeyspace? TryGet(int database)
    {
        if (database == 0) return _first;
        return _others != null && database <= _others.Length ? _others[database - 1] : null;
    }

    /// <summary>Keys of a database; without the lock, as of a moment ago.</summary>
    public long CountKeys(int database) => TryGet(database)?.Count ?? 0;

    /// <summary>Keys of all databases whose value is a collection; without the lock, as of a moment ago.</summary>
    public long CountCollections()
    {
        long sum = _first.CollectionCount;
        foreach (var other in _others ?? []) sum += other?.CollectionCount ?? 0;
        return sum;
    }

    /// <summary>Tells whoever follows the slot's keys that one has changed, or (<paramref name="exists"/> false) gone.</summary>
    internal void Touch(int database, ReadOnlySpan<byte> key, bool exists)
    {
        Watches?.Touch(database, key, exists);
        Copies?.Touch(database, key);
    }

    /// <summary>Fetches the keyspace of a database; without the lock, since nothing comes of it but time.</summary>
    internal void PrefetchKeyspace(int database)
    {
        if (TryGet(database) is { } keyspace) Prefetch.Object(keyspace, SlotKeyspace.HotBytes);
    }

    /// <summary>Fetches the bucket of a key's hash; without the lock.</summary>
    internal void PrefetchBucket(int database, ulong hash) => TryGet(database)?.PrefetchBucket(hash);

    /// <summary>Fetches the first entry of a key's bucket, where nobody holds the lock.</summary>
    internal void PrefetchEntry(int database, ulong hash)
    {
        if (TryGet(database) is not { } keyspace || !Lock.TryEnter()) return;
        keyspace.PrefetchNode(hash);
        Lock.Exit();
    }

    /// <summary>Takes the keyspace of a database, which has one, out for the caller to clear, and leaves an empty one.</summary>
    internal SlotKeyspace Detach(int database)
    {
        var keyspace = this[database];
        Set(database, new SlotKeyspace());
        return keyspace;
    }

    /// <summary>Exchanges the contents of two databases.</summary>
    internal void Swap(int left, int right)
    {
        var atLeft = this[left];
        Set(left, this[right]);
        Set(right, atLeft);
    }

    private void Set(int database, SlotKeyspace keyspace)
    {
        if (database == 0) _first = keyspace;
        else _others![database - 1] = keyspace;
    }

    private SlotKeyspace Other(int database)
    {
        if (_others == null || database > _others.Length) Array.Resize(ref _others, database);
        return _others[database - 1] ??= new SlotKeyspace();
    }
}
