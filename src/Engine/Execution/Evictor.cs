using System.Diagnostics;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>How an attempt to get below maxmemory ended.</summary>
public enum EvictionOutcome
{
    /// <summary>Memory is below the limit.</summary>
    BelowLimit,

    /// <summary>Keys were evicted, the time for one attempt is over, and there are more to evict.</summary>
    Unfinished,

    /// <summary>Memory is above the limit and nothing may be evicted.</summary>
    Failed,
}

/// <summary>
/// Removes keys while memory is above maxmemory, by its policy: samples some keys, keeps the best candidates of all samples in a small
/// pool, and evicts the best.
/// </summary>
/// <remarks>Algorithm: Redis's approximated LRU, LFU and TTL eviction with a pool of 16 candidates (evict.c). One thread evicts at a time,
/// and takes slot locks one by one; the caller holds none.</remarks>
public sealed class Evictor(Store store)
{
    private const int PoolSize = 16;

    // How many pools in a row may hold nothing but keys that are gone by now.
    private const int MaxAttempts = 64;

    // One attempt takes at most this long, so that one command does not pay for a lowered limit alone.
    private const int MaxAttemptUs = 500;

    // How long the list of databases that hold keys serves before it is made anew.
    private const int DatabasesMs = 100;

    private readonly Lock _gate = new();
    private readonly List<Candidate> _pool = new(PoolSize + 1);
    private readonly List<nint> _sample = [];
    private readonly List<int> _databases = [];
    private long _databasesMadeAt;
    private MaxMemoryPolicy _poolPolicy;

    private readonly record struct Candidate(ulong Score, Slot Slot, int Database, byte[] Key);

    /// <summary>True while maxmemory is set and memory is above it, not counting what is about to be freed in the background: keys evicted
    /// for that would be lost for nothing.</summary>
    public bool IsOverLimit =>
        store.Config.MaxMemoryBytes > 0 && MemoryReport.UsedBytes - store.LazyFree.PendingBytes > store.Config.MaxMemoryBytes;

    private bool OnlyVolatile => store.Config.MaxMemoryPolicy
        is MaxMemoryPolicy.VolatileLru or MaxMemoryPolicy.VolatileLfu or MaxMemoryPolicy.VolatileTtl or MaxMemoryPolicy.VolatileRandom;

    /// <summary>Evicts until memory is below the limit, or the time for one attempt is over.</summary>
    public EvictionOutcome TryEvict(Worker worker)
    {
        if (!IsOverLimit || store.Pause.IsActiveAt(store.Clock.NowMs)) return EvictionOutcome.BelowLimit;
        if (store.Config.MaxMemoryPolicy == MaxMemoryPolicy.NoEviction) return EvictionOutcome.Failed;
        worker.Release();
        var started = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (IsOverLimit)
            {
                if (!EvictOne(worker)) return store.LazyFree.PendingCount > 0 ? EvictionOutcome.Unfinished : EvictionOutcome.Failed;
                if (Stopwatch.GetElapsedTime(started).TotalMicroseconds > MaxAttemptUs) return EvictionOutcome.Unfinished;
            }
        }

        return EvictionOutcome.BelowLimit;
    }

    private bool EvictOne(Worker worker)
    {
        if (_databases.Count == 0 || Stopwatch.GetElapsedTime(_databasesMadeAt).TotalMilliseconds > DatabasesMs) FindDatabases();
        if (TryEvictOne(worker)) return true;
        FindDatabases();
        return TryEvictOne(worker);
    }

    private bool TryEvictOne(Worker worker)
    {
        var policy = store.Config.MaxMemoryPolicy;
        if (policy is MaxMemoryPolicy.AllKeysRandom or MaxMemoryPolicy.VolatileRandom) return EvictRandom(worker);
        for (var attempts = 0; attempts < MaxAttempts; attempts++)
        {
            FillPool(worker, policy);
            if (_pool.Count == 0) return false;
            while (_pool.Count > 0)
            {
                var best = _pool[^1];
                _pool.RemoveAt(_pool.Count - 1);
                if (Evict(worker, best)) return true;
            }
        }

        return false;
    }

    // Most databases are empty: looking through all their slots for every eviction would cost more than the eviction.
    private void FindDatabases()
    {
        _databases.Clear();
        for (var database = 0; database < store.DatabaseCount; database++)
            if (store.CountKeys(database) > 0) _databases.Add(database);
        _databasesMadeAt = Stopwatch.GetTimestamp();
    }

    // Adds a sample of each database to the pool, which is sorted with the best to evict last. A slot may hold a key or two only, so a
    // sample takes as many slots as it needs, from a random one on.
    private void FillPool(Worker worker, MaxMemoryPolicy policy)
    {
        // Scores of one policy mean nothing to another.
        if (policy != _poolPolicy) _pool.Clear();
        _poolPolicy = policy;
        foreach (var database in _databases)
        {
            var left = store.Config.MaxMemorySamples;
            var slots = store.Slots;
            var at = worker.Random.Next(slots.Length);
            for (var i = 0; i < slots.Length && left > 0; i++, at++)
            {
                var slot = slots[at & (slots.Length - 1)];
                if (CountCandidates(slot, database) == 0) continue;
                slot.Lock.Enter();
                try
                {
                    left -= OfferSample(worker, slot, database, policy, left);
                }
                finally
                {
                    slot.Lock.Exit();
                }
            }
        }
    }

    private long CountCandidates(Slot slot, int database)
    {
        if (!slot.IsOwned) return 0;
        var keyspace = slot.TryGet(database);
        return keyspace == null ? 0 : OnlyVolatile ? keyspace.VolatileCount : keyspace.Count;
    }

    private int OfferSample(Worker worker, Slot slot, int database, MaxMemoryPolicy policy, int wanted)
    {
        _sample.Clear();
        var keyspace = slot[database];
        if (OnlyVolatile) SampleVolatile(worker, keyspace, wanted);
        else if (keyspace.Count > 0) keyspace.Sample(worker.Random, wanted, _sample);
        foreach (var block in _sample)
        {
            var entry = SlotKeyspace.EntryAt(block);
            Offer(Score(entry, policy, worker.NowMs), slot, database, entry);
        }

        return _sample.Count;
    }

    private void SampleVolatile(Worker worker, SlotKeyspace keyspace, int wanted)
    {
        var count = keyspace.VolatileCount;
        if (count == 0) return;
        var at = worker.Random.Next(count);
        for (var i = Math.Min(wanted, count); i > 0; i--, at++) _sample.Add(keyspace.VolatileBlock(at % count));
    }

    private void Offer(ulong score, Slot slot, int database, Entry entry)
    {
        if (_pool.Count == PoolSize && score <= _pool[0].Score) return;
        foreach (var candidate in _pool)
            if (candidate.Slot == slot && candidate.Database == database && entry.Key.SequenceEqual(candidate.Key)) return;
        var at = _pool.FindIndex(candidate => candidate.Score > score);
        _pool.Insert(at < 0 ? _pool.Count : at, new Candidate(score, slot, database, entry.Key.ToArray()));
        if (_pool.Count > PoolSize) _pool.RemoveAt(0);
    }

    // The higher, the better to evict.
    private ulong Score(Entry entry, MaxMemoryPolicy policy, long nowMs) => policy switch
    {
        MaxMemoryPolicy.AllKeysLfu or MaxMemoryPolicy.VolatileLfu =>
            (ulong)(255 - AccessClock.DecayedCounter(entry, nowMs, store.Config.LfuDecayTimeMinutes)),
        MaxMemoryPolicy.VolatileTtl => ulong.MaxValue - (ulong)Math.Max(0, entry.ExpireAtMs),
        _ => (ulong)AccessClock.IdleSeconds(entry, nowMs),
    };

    // From a random database and a random slot on, so that no database empties before the others.
    private bool EvictRandom(Worker worker)
    {
        if (_databases.Count == 0) return false;
        var first = worker.Random.Next(_databases.Count);
        for (var i = 0; i < _databases.Count; i++)
            if (EvictRandom(worker, _databases[(first + i) % _databases.Count])) return true;
        return false;
    }

    private bool EvictRandom(Worker worker, int database)
    {
        var slots = store.Slots;
        var at = worker.Random.Next(slots.Length);
        for (var i = 0; i < slots.Length; i++, at++)
        {
            var slot = slots[at & (slots.Length - 1)];
            if (CountCandidates(slot, database) == 0) continue;
            slot.Lock.Enter();
            try
            {
                if (CountCandidates(slot, database) == 0) continue;
                var keyspace = slot[database];
                var random = worker.Random;
                Remove(worker, slot, database, OnlyVolatile ? keyspace.VolatileAt(random.Next(keyspace.VolatileCount)) : keyspace.RandomEntry(random));
                return true;
            }
            finally
            {
                slot.Lock.Exit();
            }
        }

        return false;
    }

    private bool Evict(Worker worker, Candidate candidate)
    {
        candidate.Slot.Lock.Enter();
        try
        {
            var entry = candidate.Slot[candidate.Database].Find(candidate.Key);

            // Since it was sampled, the key may have gone or lost its time to live, and its slot may have another owner.
            if (entry.IsNull || !candidate.Slot.IsOwned || (OnlyVolatile && !entry.HasExpire)) return false;
            Remove(worker, candidate.Slot, candidate.Database, entry);
            return true;
        }
        finally
        {
            candidate.Slot.Lock.Exit();
            worker.SendCaused();
        }
    }

    private void Remove(Worker worker, Slot slot, int database, Entry entry)
    {
        var key = entry.Key.ToArray();
        worker.Effects.Removed(slot, database, key);
        worker.Effects.Commit();
        store.Free(slot[database].Remove(entry), store.Config.LazyFreeEviction);
        worker.Statistics.EvictedKeys++;
        slot.Touch(database, key, exists: false);
        if ((store.Config.KeyspaceEvents & KeyspaceEventClasses.Evicted) != 0)
            store.Events?.Publish(worker, database, KeyspaceEventClasses.Evicted, "evicted"u8, key);
    }
}
