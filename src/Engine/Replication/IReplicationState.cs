namespace OrleansKv.Engine.Replication;

/// <summary>What a silo's gateway and grains may know of its replication. Any thread.</summary>
public interface IReplicationState
{
    /// <summary>Where replies wait for what they depend on.</summary>
    CommitBarrier Barrier { get; }

    /// <summary>The time that <see cref="Barrier"/>'s leases are counted in: milliseconds on a clock that runs on while the machine sleeps.</summary>
    long NowMs { get; }

    /// <summary>The replicas with complete copies, as of a moment ago.</summary>
    IReadOnlyList<ReplicaProgress> Progress => [];

    /// <summary>Replicas have acknowledged more than before. Called on any thread; handlers return at once.</summary>
    event Action? Acknowledged;

    /// <summary>How many replicas have all records up to an LSN: what WAIT counts.</summary>
    int CountAcknowledged(long lsn);

    /// <summary>The latest map that a primary of which this silo keeps copies has spoken under; 0 where it has not spoken yet.</summary>
    long MapVersionOf(string primary) => long.MaxValue;

    /// <summary>How many replicas have answered within a time in milliseconds: fewer than min-replicas-to-write refuse writes.</summary>
    int CountGood(long maxLagMs);
}

/// <summary>How far a replica with complete copies is.</summary>
/// <param name="Silo">The replica.</param>
/// <param name="AckedLsn">It has all records up to here.</param>
/// <param name="HeardMs">When it last answered, on the clock of replication.</param>
public readonly record struct ReplicaProgress(string Silo, long AckedLsn, long HeardMs);
