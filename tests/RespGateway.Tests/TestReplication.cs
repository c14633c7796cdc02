using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Replication;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests;

/// <summary>A replication of which the test says what is acknowledged, and how long the lease is. At first nothing is, and the lease is for ever.</summary>
internal sealed class TestReplication : IReplicationState, IDisposable
{
    private long _leaseUntilMs = long.MaxValue;
    private long[] _acknowledged = [];
    private long _knownMapVersion = long.MaxValue;
    private int _mapsAsked;
    private int _good;

    public TestReplication() => Barrier.Set(0, _leaseUntilMs, NowMs);

    public event Action? Acknowledged;

    public Journal Journal { get; } = new();

    public CommitBarrier Barrier { get; } = new();

    public long NowMs => 1000;

    /// <summary>Calls of <see cref="CountGood"/>.</summary>
    public int GoodAsked { get; private set; }

    public int Good
    {
        set => _good = value;
    }

    public IReadOnlyList<ReplicaProgress> Progress { get; set; } = [];

    /// <summary>The map that every other silo has heard of.</summary>
    public long KnownMapVersion
    {
        get => Volatile.Read(ref _knownMapVersion);
        set => Volatile.Write(ref _knownMapVersion, value);
    }

    /// <summary>Calls of <see cref="MapVersionOf"/>.</summary>
    public int MapsAsked => Volatile.Read(ref _mapsAsked);

    public long MapVersionOf(string primary)
    {
        Interlocked.Increment(ref _mapsAsked);
        return KnownMapVersion;
    }

    public int CountAcknowledged(long lsn) => _acknowledged.Count(acknowledged => acknowledged >= lsn);

    public int CountGood(long maxLagMs)
    {
        GoodAsked++;
        return _good;
    }

    /// <summary>Replicas have acknowledged this; nothing is committed by it.</summary>
    public void Acknowledge(params long[] lsns)
    {
        _acknowledged = lsns;
        Acknowledged?.Invoke();
    }

    /// <summary>What was recorded so far is committed.</summary>
    public void Commit() => CommitTo(Journal.LastLsn);

    public void CommitTo(long lsn) => Barrier.Set(lsn, _leaseUntilMs, NowMs);

    /// <summary>The lease ends, or is there again.</summary>
    public void SetLease(bool isValid)
    {
        _leaseUntilMs = isValid ? long.MaxValue : NowMs;
        Barrier.Set(Barrier.Committed, _leaseUntilMs, NowMs);
    }

    public void Lose() => Barrier.Lose();

    /// <summary>Waits until so many wait at the barrier.</summary>
    public void WaitForWaiters(int count) => Assert.True(Wait.Until(() => Barrier.WaiterCount == count), $"{count} should wait.");

    public void Dispose() => Journal.Dispose();
}
