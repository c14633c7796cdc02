using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Replication;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>The connections of one loop whose WAIT waits. All are looked at when a replica has acknowledged more. Loop thread only.</summary>
internal sealed class ReplicaWaits
{
    private readonly IoLoop _loop;
    private readonly Store _store;
    private readonly HashSet<RespConnection> _waiting = [];
    private readonly Action _look;
    private IReplicationState? _source;
    private int _count;
    private int _isPosted;

    public ReplicaWaits(IoLoop loop, Store store)
    {
        _loop = loop;
        _store = store;
        _look = Look;
    }

    /// <summary>The client is looked at from now on; what was acknowledged until now is for the caller to see.</summary>
    public void Add(RespConnection client)
    {
        _waiting.Add(client);
        if (_source == null && _store.Replication is { } replication)
        {
            _source = replication;
            replication.Acknowledged += OnAcknowledged;
        }

        Interlocked.Exchange(ref _count, _waiting.Count);
    }

    public void Remove(RespConnection client)
    {
        _waiting.Remove(client);
        Volatile.Write(ref _count, _waiting.Count);
    }

    // Any thread.
    private void OnAcknowledged()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _count) > 0 && Interlocked.Exchange(ref _isPosted, 1) == 0) _loop.Post(_look);
    }

    private void Look()
    {
        Interlocked.Exchange(ref _isPosted, 0);
        foreach (var client in _waiting.ToArray())
        {
            try
            {
                client.LookAtReplicas();
            }
            catch (Exception error)
            {
                _loop.ReportError(error);
                client.Transport.Close();
            }
        }
    }
}

/// <summary>A WAIT that waits. Whoever wins <see cref="TryEnd"/> ends it.</summary>
/// <param name="lsn">The client's last write.</param>
/// <param name="count">How many replicas are to have it.</param>
/// <param name="timeoutMs">0: for ever.</param>
internal sealed class ReplicaWait(long lsn, long count, long timeoutMs)
{
    private int _hasEnded;

    public long Lsn { get; } = lsn;

    public long Count { get; } = count;

    public long TimeoutMs { get; } = timeoutMs;

    /// <summary>Other silos that the client has written on: how many replicas of each have it, as far as is known. On the client's loop.</summary>
    public Dictionary<string, int> Others { get; } = [];

    /// <summary>Any thread.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;
}
