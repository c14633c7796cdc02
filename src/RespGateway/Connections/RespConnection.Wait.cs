using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    private ReplicaWait? _replicaWait;

    // The client's last write, as far as batches before this one go.
    private long _writtenLsn;

    /// <summary>WAIT: replies how many replicas have the client's last write, when they are <paramref name="count"/> or the time is over.</summary>
    internal void WaitForReplicas(long count, long timeoutMs, ref ReplyWriter reply)
    {
        var wait = new ReplicaWait(Math.Max(_writtenLsn, _loop.Worker.WrittenLsn), count, timeoutMs);
        var acknowledged = CountReplicas(wait);
        if (acknowledged < count && MayBlock)
        {
            _loop.ReplicaWaits.Add(this);

            // Somebody may have acknowledged it meanwhile.
            acknowledged = CountReplicas(wait);
            if (acknowledged < count)
            {
                _replicaWait = wait;
                if (timeoutMs > 0) _timer = _loop.Loop.Schedule(timeoutMs, () => EndReplicaWait(wait));
                return;
            }

            _loop.ReplicaWaits.Remove(this);
        }

        reply.Integer(acknowledged);
    }

    /// <summary>On the connection's loop: ends WAIT if there are enough replicas by now.</summary>
    internal void LookAtReplicas()
    {
        if (_replicaWait is { } wait && CountReplicas(wait) >= wait.Count) EndReplicaWait(wait);
    }

    private int CountReplicas(ReplicaWait wait) => Server.Store.Replication?.CountAcknowledged(wait.Lsn) ?? 0;

    // Any thread: CLIENT UNBLOCK.
    private bool RequestUnblock(ReplicaWait wait, bool withError)
    {
        if (!wait.TryEnd()) return false;
        _loop.Loop.Post(() => ReplyToWait(wait, withError));
        return true;
    }

    private void EndReplicaWait(ReplicaWait wait)
    {
        if (wait.TryEnd()) ReplyToWait(wait, withError: false);
    }

    private void ReplyToWait(ReplicaWait wait, bool withError)
    {
        if (_replicaWait != wait || _transport.IsClosed) return;
        _replicaWait = null;
        _loop.ReplicaWaits.Remove(this);
        var writer = new ReplyWriter(ReplyMode == ReplyMode.On ? _transport.Output : _loop.Discard, Resp3);
        if (withError) writer.Error(UnblockedError);
        else writer.Integer(CountReplicas(wait));
        writer.Commit();
        _loop.Discard.Clear();
        WaitEnded(-1);
    }
}
