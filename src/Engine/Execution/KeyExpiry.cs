using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>The end of a key whose time is over, whoever comes across it: a command, or the expiry cycle.</summary>
internal static class KeyExpiry
{
    /// <summary>Removes an expired key that was only looked at, unless clients are paused, when the data must not change, or the slot is
    /// another silo's, which alone removes its keys. Under the lock of its slot.</summary>
    public static bool TryRemove(Worker worker, Slot slot, int database, Entry entry)
    {
        if (!slot.IsOwned || worker.Store.Pause.IsActiveAt(worker.NowMs)) return false;
        Remove(worker, slot, database, entry);
        return true;
    }

    /// <summary>Removes an expired key. Under the lock of its slot.</summary>
    public static void Remove(Worker worker, Slot slot, int database, Entry entry)
    {
        var store = worker.Store;
        worker.Statistics.ExpiredKeys++;
        worker.Effects.Removed(slot, database, entry.Key);
        var publishes = store.Events != null && (store.Config.KeyspaceEvents & KeyspaceEventClasses.Expired) != 0;
        if (slot is { Watches: null, Copies: null } && !publishes)
        {
            store.Free(slot[database].Remove(entry), store.Config.LazyFreeExpire);
            return;
        }

        var key = entry.Key.ToArray();
        store.Free(slot[database].Remove(entry), store.Config.LazyFreeExpire);
        slot.Touch(database, key, exists: false);
        if (publishes) store.Events!.Publish(worker, database, KeyspaceEventClasses.Expired, "expired"u8, key);
    }
}
