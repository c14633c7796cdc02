using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

public sealed partial class CommandContext
{
    /// <summary>The slot of a key of this command; its lock is held.</summary>
    public Slot SlotOf(ReadOnlySpan<byte> key) => Single ?? Store.SlotOf(key);

    /// <summary>The keyspace of the selected database that holds <paramref name="key"/>.</summary>
    public SlotKeyspace KeyspaceOf(ReadOnlySpan<byte> key) => SlotOf(key)[Session.Database];

    /// <summary>The one slot that all keys of the command are in, where that is known.</summary>
    internal Slot? Single { get; set; }

    /// <summary>Looks a key up to read it: counts a hit or miss, moves its access clock, removes it where it has expired.</summary>
    public Entry FindForRead(ReadOnlySpan<byte> key)
    {
        var entry = Lookup(key, Session.Database);
        if (entry.IsNull)
        {
            _worker.Statistics.Misses++;
            Notify(KeyspaceEventClasses.KeyMiss, "keymiss"u8, key);
            return entry;
        }

        _worker.Statistics.Hits++;
        if (!Session.NoTouch) AccessClock.Touch(entry, this);
        return entry;
    }

    /// <summary>Looks a key up to tell something about it: as for reading, and its access clock stays.</summary>
    /// <param name="key">The key.</param>
    /// <param name="notifies">Whether a miss is a keyspace event.</param>
    public Entry Peek(ReadOnlySpan<byte> key, bool notifies = true)
    {
        var entry = Lookup(key, Session.Database);
        if (entry.IsNull)
        {
            _worker.Statistics.Misses++;
            if (notifies) Notify(KeyspaceEventClasses.KeyMiss, "keymiss"u8, key);
            return entry;
        }

        _worker.Statistics.Hits++;
        return entry;
    }

    /// <summary>Looks a key up to change it: as for reading, without the counting.</summary>
    public Entry FindForWrite(ReadOnlySpan<byte> key)
    {
        var entry = Lookup(key, Session.Database);
        if (!entry.IsNull && !Session.NoTouch) AccessClock.Touch(entry, this);
        return entry;
    }

    /// <summary>
    /// Looks a key up without any trace but the removal of an expired one, which a read leaves in place while clients are paused. In another
    /// database too.
    /// </summary>
    public Entry Lookup(ReadOnlySpan<byte> key, int database)
    {
        var slot = SlotOf(key);
        var keyspace = slot[database];
        var entry = keyspace.Find(key);
        if (entry.IsNull || !entry.HasExpire || entry.ExpireAtMs > NowMs) return entry;

        // A replica executes what the owner did to a key that had not expired there; to clients it shows none that has.
        if (_worker.IsApplying) return entry;
        if (!slot.IsOwned) return default;
        if (Row.IsWrite) KeyExpiry.Remove(_worker, slot, database, entry);
        else KeyExpiry.TryRemove(_worker, slot, database, entry);
        return default;
    }

    /// <summary>
    /// Finds a string to read. False after a WRONGTYPE error was written; the entry is null where there is no key.
    /// </summary>
    public bool TryReadString(ReadOnlySpan<byte> key, ref ReplyWriter reply, out Entry entry) =>
        IsString(entry = FindForRead(key), ref reply);

    /// <summary>Finds a string to change; otherwise as <see cref="TryReadString"/>.</summary>
    public bool TryWriteString(ReadOnlySpan<byte> key, ref ReplyWriter reply, out Entry entry) =>
        IsString(entry = FindForWrite(key), ref reply);

    /// <summary>
    /// Finds a collection to read. False after a WRONGTYPE error was written; <paramref name="value"/> is null where there is no key.
    /// </summary>
    public bool TryRead<T>(ReadOnlySpan<byte> key, ref ReplyWriter reply, out T? value) where T : Collection =>
        Is(FindForRead(key), key, ref reply, out value);

    /// <summary>Finds a collection to change; otherwise as <see cref="TryRead"/>.</summary>
    public bool TryWrite<T>(ReadOnlySpan<byte> key, ref ReplyWriter reply, out T? value) where T : Collection =>
        Is(FindForWrite(key), key, ref reply, out value);

    /// <summary>
    /// Finds the first of the keys from argument <paramref name="first"/> to <paramref name="last"/> that is there, to take from it. False
    /// after a WRONGTYPE error was written; <paramref name="value"/> is null where no key is there.
    /// </summary>
    /// <remarks>What a waiting command is tried again with: then it is only the key that came to be, and that only if it has the type.</remarks>
    public bool TryFirst<T>(int first, int last, ref ReplyWriter reply, out int keyAt, out T? value) where T : Collection
    {
        for (keyAt = first; keyAt <= last; keyAt++)
        {
            var key = Args[keyAt];
            if (!IsRetry)
            {
                if (!TryWrite(key, ref reply, out value)) return false;
                if (value != null) return true;
            }
            else if (key.SequenceEqual(ReadyKey))
            {
                var entry = FindForWrite(key);
                value = entry.IsNull || entry.Type == KeyType.String ? null : KeyspaceOf(key).CollectionOf(entry) as T;
                return true;
            }
        }

        value = null;
        return true;
    }

    /// <summary>The collection of an entry, in the selected database.</summary>
    public Collection CollectionOf(Entry entry) => KeyspaceOf(entry.Key).CollectionOf(entry);

    /// <summary>Sets a key to a string, whatever it held.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes; not a part of the key's present value.</param>
    /// <param name="encoding">Int or EmbStr where the value is set as a whole: <see cref="StringValue.EncodingOf"/>.</param>
    /// <param name="keepExpire">Whether a time to live stays.</param>
    /// <remarks>The caller then reports the change by <see cref="Modified"/>.</remarks>
    public Entry SetString(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, StringEncoding encoding, bool keepExpire = false) =>
        SetString(key, value, encoding, keepExpire, willExpire: false, Session.Database);

    /// <summary>As the other, in another database.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The bytes; not a part of the key's present value.</param>
    /// <param name="encoding">As OBJECT ENCODING is to show it.</param>
    /// <param name="keepExpire">Whether a time to live stays.</param>
    /// <param name="willExpire">Whether the caller is about to give the key a time to live.</param>
    /// <param name="database">The database.</param>
    public Entry SetString(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, StringEncoding encoding, bool keepExpire, bool willExpire, int database)
    {
        var keyspace = SlotOf(key)[database];

        // An expired key is gone, which its end must show, before there is a new one; only where some key of the slot is due.
        if (keyspace.EarliestExpireMs <= NowMs) Lookup(key, database);
        var (entry, isNew) = keyspace.SetString(key, value, encoding, keepExpire, out var replaced, willExpire);
        if (replaced != null) Store.Free(replaced, Config.LazyFreeServerDel);
        if (isNew)
        {
            AccessClock.Start(entry, this);
            Notify(KeyspaceEventClasses.New, "new"u8, key, database);
        }
        else if (!Session.NoTouch)
        {
            AccessClock.Touch(entry, this);
        }

        return entry;
    }

    /// <summary>Adds a key, which is not there, with a collection that is not empty, or will not be when the command is done.</summary>
    public Entry Add(ReadOnlySpan<byte> key, Collection value) => Add(key, value, Session.Database);

    /// <summary>As <see cref="Add(ReadOnlySpan{byte}, Collection)"/>, in another database.</summary>
    public Entry Add(ReadOnlySpan<byte> key, Collection value, int database)
    {
        var entry = AddUnannounced(key, value, database);
        Notify(KeyspaceEventClasses.New, "new"u8, key, database);
        return entry;
    }

    /// <summary>Sets a key to a collection, whatever it held, without a time to live. The caller then reports the change.</summary>
    public Entry SetCollection(ReadOnlySpan<byte> key, Collection value)
    {
        if (!Remove(key, Config.LazyFreeServerDel)) return Add(key, value);
        return AddUnannounced(key, value, Session.Database);
    }

    private Entry AddUnannounced(ReadOnlySpan<byte> key, Collection value, int database)
    {
        var slot = SlotOf(key);
        var entry = slot[database].AddCollection(key, value);
        AccessClock.Start(entry, this);
        if (slot.Waiters?.Has(database, key) == true && !_worker.IsApplying) _worker.Ready.Add(new ReadyKey(slot, database, key.ToArray()));
        return entry;
    }

    /// <summary>Removes a key; true where there was one. The caller reports the change.</summary>
    /// <param name="key">The key.</param>
    /// <param name="lazily">Whether a big value is freed in the background.</param>
    public bool Remove(ReadOnlySpan<byte> key, bool lazily)
    {
        var entry = Lookup(key, Session.Database);
        if (entry.IsNull) return false;
        Remove(entry, key, Session.Database, lazily);
        return true;
    }

    /// <summary>Removes a key that was found in this database.</summary>
    public void Remove(Entry entry, ReadOnlySpan<byte> key, int database, bool lazily) =>
        Store.Free(SlotOf(key)[database].Remove(entry), lazily);

    /// <summary>Removes the key of a collection that has become empty, with the "del" event; to be called after the change itself was reported.</summary>
    public void RemoveIfEmpty(ReadOnlySpan<byte> key, Collection value)
    {
        if (value.Count > 0) return;
        Remove(key, lazily: false);
        Notify(KeyspaceEventClasses.Generic, "del"u8, key);
    }

    /// <summary>Reports a change of a key, after it was made: to WATCH, the counters, and keyspace events.</summary>
    public void Modified(ReadOnlySpan<byte> key, KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, long changes = 1) =>
        Modified(key, eventClass, eventName, changes, Session.Database);

    /// <summary>As the other, in another database.</summary>
    public void Modified(ReadOnlySpan<byte> key, KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, long changes, int database)
    {
        CountChanges(changes);
        var slot = SlotOf(key);
        if (slot is not { Watches: null, Copies: null }) slot.Touch(database, key, exists: !slot[database].Find(key).IsNull);
        _worker.Effects.NoteChanged(this, slot, database, key);
        Notify(eventClass, eventName, key, database);
    }

    /// <summary>Counts changes of no particular key: of a whole database.</summary>
    public void CountChanges(long changes)
    {
        Changes += changes;
        _worker.Statistics.Changes += changes;
    }

    /// <summary>Publishes a keyspace event where it is asked for.</summary>
    public void Notify(KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key) =>
        Notify(eventClass, eventName, key, Session.Database);

    private void Notify(KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key, int database)
    {
        if ((Config.KeyspaceEvents & eventClass) != 0 && !_worker.IsApplying) Store.Events?.Publish(_worker, database, eventClass, eventName, key);
    }

    private static bool IsString(Entry entry, ref ReplyWriter reply)
    {
        if (entry.IsNull || entry.Type == KeyType.String) return true;
        reply.Error(ErrorText.WrongType);
        return false;
    }

    private bool Is<T>(Entry entry, ReadOnlySpan<byte> key, ref ReplyWriter reply, out T? value) where T : Collection
    {
        value = null;
        if (entry.IsNull) return true;
        if (entry.Type != KeyType.String) value = KeyspaceOf(key).CollectionOf(entry) as T;
        if (value != null) return true;
        reply.Error(ErrorText.WrongType);
        return false;
    }
}
