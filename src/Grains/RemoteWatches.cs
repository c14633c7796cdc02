using System.Collections.Concurrent;
using Orleans.Runtime;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Grains;

/// <summary>
/// What clients of other silos' gateways watch on this silo. EXEC ends a watch; one that is not known here, because the keys were on another silo when
/// it began or that silo has died since, makes EXEC fail. Any thread.
/// </summary>
/// <param name="store">The silo's.</param>
/// <param name="membership">Tells which gateways are gone, whose watches are forgotten; null where nobody else is there.</param>
public sealed class RemoteWatches(Store store, IClusterMembershipService? membership = null)
{
    // With more watches than that at a time, those of silos that are gone are looked for.
    private const int LookEvery = 256;

    private readonly ConcurrentDictionary<(string Gateway, long Id), Watch> _watches = new();
    private int _added;

    /// <summary>Watches that are known here.</summary>
    public int Count => _watches.Count;

    /// <summary>Adds keys to a watch. False where one is another silo's.</summary>
    public bool Add(string gateway, long id, int database, IEnumerable<byte[]> keys, long nowMs)
    {
        if (Interlocked.Increment(ref _added) % LookEvery == 0) ForgetWhoIsGone();
        var watch = _watches.GetOrAdd((gateway, id), _ => new Watch());
        foreach (var key in keys)
            if (!watch.Add(store, database, key, nowMs)) return false;
        return true;
    }

    /// <summary>Ends a watch, and gives it; null where there is none.</summary>
    internal Watch? Take(string gateway, long id) => _watches.TryRemove((gateway, id), out var watch) ? watch : null;

    /// <summary>Ends a watch that nobody wants to know of any more.</summary>
    public void Remove(string gateway, long id) => Take(gateway, id)?.End(store);

    private void ForgetWhoIsGone()
    {
        foreach (var (gateway, id) in _watches.Keys)
        {
            if (membership?.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(gateway)) == SiloStatus.Dead) Remove(gateway, id);
        }
    }

    /// <summary>The keys that one client watches.</summary>
    internal sealed class Watch
    {
        private readonly WatchState _state = new();
        private readonly List<WatchedKey> _keys = [];

        /// <summary>The keys, whose slots are to be locked for <see cref="HasChanged"/>.</summary>
        public IReadOnlyList<(int Database, byte[] Key)> Keys => _keys.ConvertAll(key => (key.Database, key.Key));

        public bool Add(Store store, int database, byte[] key, long nowMs)
        {
            var slot = store.SlotOf(key);
            slot.Lock.Enter();
            try
            {
                if (!slot.IsOwned) return false;
                var entry = slot[database].Find(key);
                store.Watch(database, key, _state, isExpired: !entry.IsNull && entry.HasExpire && entry.ExpireAtMs <= nowMs);
                _keys.Add(new WatchedKey(database, key, slot.Epoch));
                return true;
            }
            finally
            {
                slot.Lock.Exit();
            }
        }

        /// <summary>Whether a key was changed, or its slot was another silo's meanwhile. Under the locks of the slots.</summary>
        public bool HasChanged(Store store, long nowMs) => _state.IsDirty || _keys.Exists(watched => HasChanged(store, watched, nowMs));

        /// <summary>Under no slot lock.</summary>
        public void End(Store store)
        {
            foreach (var watched in _keys) store.Unwatch(watched.Database, watched.Key, _state);
        }

        private bool HasChanged(Store store, WatchedKey watched, long nowMs)
        {
            var slot = store.SlotOf(watched.Key);
            if (!slot.IsOwned || slot.Epoch != watched.Epoch) return true;
            var entry = slot[watched.Database].Find(watched.Key);
            var isExpired = !entry.IsNull && entry.HasExpire && entry.ExpireAtMs <= nowMs;
            return isExpired && !store.WasExpired(watched.Database, watched.Key, _state);
        }

        private readonly record struct WatchedKey(int Database, byte[] Key, long Epoch);
    }
}
