namespace OrleansKv.Engine.Keyspace;

/// <summary>A client's WATCH state: whether a watched key has been changed. Set by any thread that changes a key.</summary>
public sealed class WatchState
{
    private volatile bool _isDirty;

    /// <summary>True once a watched key was changed: the next EXEC fails.</summary>
    public bool IsDirty => _isDirty;

    public void MarkDirty() => _isDirty = true;
}

/// <summary>Who watches which keys of one slot. Under the slot lock.</summary>
internal sealed class KeyWatches
{
    private readonly Dictionary<(int Database, byte[] Key), List<Watch>> _watches = new(Comparer.Instance);

    /// <summary>True when nobody watches anything here.</summary>
    public bool IsEmpty => _watches.Count == 0;

    // A key that had expired but was still there when it was watched may vanish without that being a change.
    private sealed class Watch(WatchState state, bool wasExpired)
    {
        public readonly WatchState State = state;
        public bool WasExpired = wasExpired;
    }

    public void Add(int database, byte[] key, WatchState state, bool isExpired)
    {
        if (!_watches.TryGetValue((database, key), out var watchers)) _watches.Add((database, key), watchers = []);
        watchers.Add(new Watch(state, isExpired));
    }

    public void Remove(int database, byte[] key, WatchState state)
    {
        if (!_watches.TryGetValue((database, key), out var watchers)) return;
        watchers.RemoveAll(w => w.State == state);
        if (watchers.Count == 0) _watches.Remove((database, key));
    }

    /// <summary>Whether the key was expired when this client's watch began, or has come expired by SWAPDB since.</summary>
    public bool WasExpired(int database, byte[] key, WatchState state) =>
        _watches.TryGetValue((database, key), out var watchers) && watchers.Exists(watch => watch.State == state && watch.WasExpired);

    /// <summary>Marks who watches the key, which has just been changed or (<paramref name="exists"/> false) removed.</summary>
    public void Touch(int database, ReadOnlySpan<byte> key, bool exists)
    {
        if (!_watches.TryGetValue((database, key.ToArray()), out var watchers)) return;
        foreach (var watch in watchers)
        {
            if (watch.WasExpired && !exists) watch.WasExpired = false;
            else watch.State.MarkDirty();
        }
    }

    /// <summary>Marks everybody who watches a key.</summary>
    public void TouchAll()
    {
        foreach (var watchers in _watches.Values)
            foreach (var watch in watchers) watch.State.MarkDirty();
    }

    /// <summary>
    /// Marks who watches a key of a database that is about to be emptied (<paramref name="after"/> is null) or to hold what another
    /// holds. A key counts as changed where it is there before or after, unless it is an expired one in both cases.
    /// </summary>
    public void TouchDatabase(int database, SlotKeyspace? before, SlotKeyspace? after, long nowMs)
    {
        foreach (var ((watchedDatabase, key), watchers) in _watches)
        {
            if (watchedDatabase != database) continue;
            var isThereAfter = IsThere(after, key, nowMs, out var isExpiredAfter);
            if (!IsThere(before, key, nowMs, out _) && !isThereAfter) continue;
            foreach (var watch in watchers)
            {
                if (watch.WasExpired && !isThereAfter) watch.WasExpired = false;
                else if (isExpiredAfter && (watch.WasExpired || !IsThere(before, key, nowMs, out _))) watch.WasExpired = true;
                else watch.State.MarkDirty();
            }
        }
    }

    private static bool IsThere(SlotKeyspace? keyspace, byte[] key, long nowMs, out bool isExpired)
    {
        var entry = keyspace == null ? default : keyspace.Find(key);
        isExpired = !entry.IsNull && entry.HasExpire && entry.ExpireAtMs <= nowMs;
        return !entry.IsNull;
    }

    private sealed class Comparer : IEqualityComparer<(int Database, byte[] Key)>
    {
        public static readonly Comparer Instance = new();

        public bool Equals((int Database, byte[] Key) x, (int Database, byte[] Key) y) =>
            x.Database == y.Database && x.Key.AsSpan().SequenceEqual(y.Key);

        public int GetHashCode((int Database, byte[] Key) obj) => ByteKeyComparer.Instance.GetHashCode(obj.Key) ^ obj.Database;
    }
}
