using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    // While another thread tries to serve the wait, its end is put off by this much.
    private const int RetryEndMs = 1;

    private BlockedCommand? _blocked;
    private BlockedCommand? _unblocking;
    private LoopTimer? _timer;
    private long _waitLeftMs;
    private long _waitEndsMs;

    /// <inheritdoc/>
    public override bool MayBlock => !IsInTransaction && !_loop.Worker.IsInTransaction;

    /// <summary>True while a blocking command, here or on another silo, or WAIT waits.</summary>
    public bool IsBlocked => _blocked != null || Waiting != null || _replicaWait != null;

    /// <summary>True while a blocking command waits that has a time limit.</summary>
    public bool IsBlockedForATime => _blocked is { TimeoutMs: > 0 } || Waiting is { HasLimit: true } || _replicaWait is { TimeoutMs: > 0 };

    public override void Blocked(BlockedCommand command)
    {
        _blocked = command;
        _waitLeftMs = _timeLeftMs ?? command.TimeoutMs;
        _waitEndsMs = _loop.Loop.NowMs + _waitLeftMs;
        if (_waitLeftMs > 0) ScheduleTimeout();
    }

    /// <summary>Any thread: the wait was served.</summary>
    public override void Unblocked(BlockedCommand command, ReplyBuffer reply) => _loop.Loop.Post(() =>
    {
        if (_blocked != command || _transport.IsClosed)
        {
            reply.Dispose();
            return;
        }

        if (ReplyMode == ReplyMode.On) _transport.Output.TakeAll(reply);
        reply.Dispose();
        _writtenLsn = Math.Max(_writtenLsn, command.BarrierLsn);
        WaitEnded(command.BarrierLsn);
    });

    private bool TryEndWait()
    {
        var command = _blocked;
        if (command == null || !command.TryClaim()) return false;
        EndClaimed(command, error: default);
        return true;
    }

    private static ReadOnlySpan<byte> UnblockedError => "UNBLOCKED client unblocked via CLIENT UNBLOCK"u8;

    private void EndUnblocked(BlockedCommand command, bool withError) => EndClaimed(command, withError ? UnblockedError : default);

    // Ends a wait that was claimed, as its time limit would or with an error.
    private void EndClaimed(BlockedCommand command, ReadOnlySpan<byte> error)
    {
        command.End(Server.Store);
        if (_blocked != command || _transport.IsClosed) return;
        var writer = new ReplyWriter(ReplyMode == ReplyMode.On ? _transport.Output : _loop.Discard, Resp3);
        if (error.IsEmpty) writer.NullArray();
        else writer.Error(error);
        writer.Commit();
        _loop.Discard.Clear();

        // That nothing came is for the owner to say.
        WaitEnded(error.IsEmpty ? 0 : -1);
    }

    /// <summary>Any thread: CLIENT UNBLOCK. False where nothing waits, or the wait is being ended so already; else it ends soon.</summary>
    internal bool RequestUnblock(bool withError)
    {
        if (_replicaWait is { } wait) return RequestUnblock(wait, withError);
        if (Waiting is { } remote) return remote.RequestEnd(withError ? [(byte)'-', .. UnblockedError, .. "\r\n"u8] : NothingReply());
        var command = _blocked;
        if (command == null || Interlocked.Exchange(ref _unblocking, command) == command) return false;
        if (command.TryClaim()) _loop.Loop.Post(() => EndUnblocked(command, withError));
        else if (command.HasEnded) return false;
        else _loop.Loop.Post(() => Unblock(command, withError));
        return true;
    }

    // Another thread tried to serve the wait when CLIENT UNBLOCK came: either that has ended it, or this does.
    private void Unblock(BlockedCommand command, bool withError)
    {
        if (_blocked != command) return;
        if (command.TryClaim()) EndUnblocked(command, withError);
        else _loop.Loop.Schedule(RetryEndMs, () => Unblock(command, withError));
    }

    // A timer reaches 24 days; a longer wait takes several.
    private void ScheduleTimeout()
    {
        var stepMs = (int)Math.Min(_waitLeftMs, int.MaxValue);
        _waitLeftMs -= stepMs;
        _timer = _loop.Loop.Schedule(stepMs, OnTimeout);
    }

    private void OnTimeout()
    {
        if (_waitLeftMs > 0)
        {
            ScheduleTimeout();
            return;
        }

        if (_blocked == null || TryEndWait() || _blocked == null) return;
        _timer = _loop.Loop.Schedule(RetryEndMs, OnTimeout);
    }

    private void WaitEnded(long barrierLsn)
    {
        if (Server.Store.Replication is { } replication) HoldUncommitted(replication, barrierLsn);
        _blocked = _unblocking = null;
        _timer?.Cancel();
        _timer = null;
        Resume();
        _transport.Flush();
    }

    // The connection is gone: a wait ends without a reply. If another thread is serving it, that thread ends it, and what it popped is gone
    // too, as when a reply is lost on its way.
    private void EndWait()
    {
        _timer?.Cancel();
        if (_replicaWait != null) _loop.ReplicaWaits.Remove(this);
        var command = _blocked;
        if (command != null && command.Abandon()) command.End(Server.Store);
        _blocked = null;
        Waiting?.Abandon();
        Waiting = null;
    }
}
