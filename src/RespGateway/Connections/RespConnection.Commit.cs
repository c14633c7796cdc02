using OrleansKv.Engine.Replication;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection : ICommitWaiter
{
    // What the output that has not left, and the replies kept by a run, depend on; below 0 where that is nothing.
    private long _outputLsn = -1;

    // What the wait under way is for.
    private long _awaitedLsn;
    private bool _awaitsCommit;

    /// <summary>Any thread: the output may leave.</summary>
    void ICommitWaiter.OnCommitted() => _loop.Commits.Add(this, isLost: false);

    /// <summary>Any thread: whether what was done survives is unknown.</summary>
    void ICommitWaiter.OnLost() => _loop.Commits.Add(this, isLost: true);

    /// <summary>On the connection's loop: sends what was held, if it depends on no more by now, and goes on with the input; or closes.</summary>
    internal void EndCommitWait(bool isLost)
    {
        if (_transport.IsClosed) return;
        _awaitsCommit = false;
        if (isLost)
        {
            _transport.Close();
            return;
        }

        if (_outputLsn <= _awaitedLsn) _outputLsn = -1;
        else HoldUncommitted(Server.Store.Replication!, _outputLsn);
        if (_awaitsCommit) return;
        _transport.OutputHeld = false;
        FlushOrHoldBack();

        // Where the socket had been full, the transport has told nobody that it takes more again.
        if (_transport.Output.IsEmpty) _isHeldBack = false;
        if (!_isForwarding) GoOnAfterRun();
    }

    // At the end of a batch, or before some of its output is sent.
    private void HoldBatch(IReplicationState replication)
    {
        var worker = _loop.Worker;
        if (worker.WrittenLsn > 0) _writtenLsn = worker.WrittenLsn;
        HoldUncommitted(replication, worker.BarrierLsn);
    }

    // Replies that depend on a record were written, or are kept by a run: where they may not leave yet, the connection is parked and its output
    // held. So is one that wants no replies: nobody may write further ahead of the replicas than the journal goes back. With nothing pending
    // this is a comparison or two.
    private void HoldUncommitted(IReplicationState replication, long lsn)
    {
        if (lsn > _outputLsn) _outputLsn = lsn;
        if (_awaitsCommit || _outputLsn < 0) return;
        if (_transport.Output.IsEmpty && (ReplyMode == ReplyMode.On || lsn <= 0))
        {
            // Replies of commands executed here may be in the run: they are looked at again when they leave.
            if (!_isForwarding && !HasOpenRun) _outputLsn = -1;
            return;
        }

        var barrier = replication.Barrier;
        if (barrier.IsOpen || barrier.PassOrWait(_outputLsn, replication.NowMs, this))
        {
            _outputLsn = -1;
            return;
        }

        _awaitedLsn = _outputLsn;
        _awaitsCommit = _transport.OutputHeld = true;
    }
}
