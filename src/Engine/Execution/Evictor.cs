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

    // One attempt takes at most this long, so that one command does not pay for a lowered limit alone.
    private const int MaxAttemptUs = 500;

    private readonly Lock _gate = new();
    private readonly List<Candidate> _pool = new(PoolSize + 1);
    private readonly List<nint> _sample = [];

    private readonly record struct Candidate(ulong Score, Slot Slot, int Database, byte[] Key);

    /// <summary>True while maxmemory is set and memory is above it.</summary>
    public bool IsOverLimit => store.Config.MaxMemoryBytes > 0 && MemoryReport.UsedBytes > store.Config.MaxMemoryBytes;

    /// <summary>Evicts until memory is below the limit, or the time for one attempt is over.</summary>
    public EvictionOutcome TryEvict(Worker worker)
    {
        if (!IsOverLimit) return EvictionOutcome.BelowLimit;
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
        var policy = store.Config.MaxMemoryPolicy;
        if (policy is MaxMemoryPolicy.AllKeysRandom or MaxMemoryPolicy.VolatileRandom)
            return EvictRandom(worker, isVolatile: policy == MaxMemoryPolicy.VolatileRandom);
        for (var attempts = 0; attempts < 64; attempts++)
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

    // Adds a sample of each database to the pool, which is sorted with the best to evict last.
    private void FillPool(Worker worker, MaxMemoryPolicy policy)
    {
        var isVolatile = policy is MaxMemoryPolicy.VolatileLru or MaxMemoryPolicy.VolatileLfu or MaxMemoryPolicy.VolatileTtl;
        for (var database = 0; database < store.DatabaseCount; database++)
        {
            var slot = FindSlot(worker, database, isVolatile);
            if (slot == null) continue;
            slot.Lock.Enter();
            try
            {
                Sample(worker, slot[database], isVolatile);
                foreach (var block in _sample)
                {
                    var entry = SlotKeyspace.EntryAt(block);
                    Offer(Score(entry, policy, worker.NowMs), slot, database, entry);
                }
            }
            finally
            {
                slot.Lock.Exit();
            }
        }
    }

    private void Sample(Worker worker, SlotKeyspace keyspace, bool isVolatile)
    {
        _sample.Clear();
        var wanted = store.Config.MaxMemorySamples;
        if (!isVolatile)
        {
            keyspace.Sample(worker.Random, wanted, _sample);
            return;
        }

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

    private bool EvictRandom(Worker worker, bool isVolatile)
    {
        for (var database = 0; database < store.DatabaseCount; database++)
        {
            var slot = FindSlot(worker, database, isVolatile);
            if (slot == null) continue;
            slot.Lock.Enter();
            try
            {
                var keyspace = slot[database];
                if ((isVolatile ? keyspace.VolatileCount : keyspace.Count) == 0) continue;
                var entry = isVolatile ? keyspace.VolatileAt(worker.Random.Next(keyspace.VolatileCount)) : keyspace.RandomEntry(worker.Random);
                Remove(worker, slot, database, entry);
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
            if (entry.IsNull) return false;
            Remove(worker, candidate.Slot, candidate.Database, entry);
            return true;
        }
        finally
        {
            candidate.Slot.Lock.Exit();
        }
    }

    private void Remove(Worker worker, Slot slot, int database, Entry entry)
    {
        var key = entry.Key.ToArray();
        store.Free(slot[database].Remove(entry), store.Config.LazyFreeEviction);
        worker.Statistics.EvictedKeys++;
        slot.Watches?.Touch(database, key, exists: false);
        if ((store.Config.KeyspaceEvents & KeyspaceEventClasses.Evicted) != 0)
            store.Events?.Publish(database, KeyspaceEventClasses.Evicted, "evicted"u8, key);
    }

    // A slot that has keys in the database, from a random one on.
    private Slot? FindSlot(Worker worker, int database, bool isVolatile)
    {
        var slots = store.Slots;
        var at = worker.Random.Next(slots.Length);
        for (var i = 0; i < slots.Length; i++, at++)
        {
            var slot = slots[at & (slots.Length - 1)];
            var keyspace = slot.TryGet(database);
            if (keyspace != null && (isVolatile ? keyspace.VolatileCount : keyspace.Count) > 0) return slot;
        }

        return null;
    }
}
