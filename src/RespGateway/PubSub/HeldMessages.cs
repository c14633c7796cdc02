using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Replication;

namespace OrleansKv.RespGateway.PubSub;

/// <summary>
/// Messages of commands (keyspace events, PUBLISH) that tell of what could still be lost: they leave, in the order in which they came, when the
/// commit barrier lets them, and never where it does not. While some wait, all others queue behind them. Any thread.
/// </summary>
/// <param name="store">Whose barrier it is.</param>
internal sealed class HeldMessages(Store store) : ICommitWaiter
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Lsn, Action Send, Action Drop)> _queue = [];
    private bool _isWaiting;
    private bool _isLost;

    /// <summary>Sends a message at once, or when the record of an LSN is committed; below 0 where it depends on none.</summary>
    /// <param name="lsn">The LSN.</param>
    /// <param name="send">Hands the message on; returns at once.</param>
    /// <param name="drop">Called instead where it is never sent.</param>
    public void Send(long lsn, Action send, Action drop)
    {
        if (store.Replication is not { } replication)
        {
            send();
            return;
        }

        lock (_gate)
        {
            if (_queue.Count == 0 && (lsn < 0 || replication.Barrier.Passes(lsn, replication.NowMs)))
            {
                send();
            }
            else if (_isLost)
            {
                drop();
            }
            else
            {
                _queue.Enqueue((lsn, send, drop));
                if (!_isWaiting) SendCommitted(replication);
            }
        }
    }

    void ICommitWaiter.OnCommitted()
    {
        lock (_gate)
        {
            _isWaiting = false;
            SendCommitted(store.Replication!);
        }
    }

    void ICommitWaiter.OnLost()
    {
        lock (_gate)
        {
            _isWaiting = false;
            _isLost = true;
            while (_queue.TryDequeue(out var lost)) lost.Drop();
        }
    }

    // Under the gate. The barrier may tell of a loss within the call.
    private void SendCommitted(IReplicationState replication)
    {
        while (_queue.TryPeek(out var first))
        {
            _isWaiting = true;
            if (!replication.Barrier.PassOrWait(first.Lsn, replication.NowMs, this)) return;
            _isWaiting = false;
            _queue.Dequeue();
            first.Send();
        }
    }
}
