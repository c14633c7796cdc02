using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    // While another thread tries to serve the wait, its end is put off by this much.
    private const int RetryEndMs = 1;

    private BlockedCommand? _blocked;
    private long _blockedUntilMs;
    private LoopTimer? _timer;

    /// <inheritdoc/>
    public override bool MayBlock => !IsInTransaction && !_loop.Worker.IsInTransaction;

    /// <summary>True while a blocking command waits.</summary>
    public bool IsBlocked => _blocked != null;

    public override void Blocked(BlockedCommand command)
    {
        _blocked = command;
        if (command.TimeoutMs == 0) return;
        var nowMs = _loop.Loop.NowMs;
        _blockedUntilMs = command.TimeoutMs > long.MaxValue - nowMs ? long.MaxValue : nowMs + command.TimeoutMs;
        ScheduleTimeout();
    }

    // A timer counts at most int.MaxValue milliseconds, which are 24 days.
    private void ScheduleTimeout() => _timer = _loop.Loop.Schedule((int)Math.Clamp(_blockedUntilMs - _loop.Loop.NowMs, RetryEndMs, int.MaxValue), OnTimeout);

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
        WaitEnded();
    });

    private bool TryEndWait()
    {
        var command = _blocked;
        if (command == null || !command.TryClaim()) return false;
        EndClaimed(command, withError: false);
        return true;
    }

    // Ends a wait that was claimed, as its time limit would or with an error.
    private void EndClaimed(BlockedCommand command, bool withError)
    {
        command.End(Server.Store);
        if (_blocked != command || _transport.IsClosed) return;
        var writer = new ReplyWriter(ReplyMode == ReplyMode.On ? _transport.Output : _loop.Discard, Resp3);
        if (withError) writer.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK"u8);
        else CommandContext.WriteNothing(ref writer, command.Nothing);
        writer.Commit();
        _loop.Discard.Clear();
        WaitEnded();
    }

    /// <summary>Any thread: CLIENT UNBLOCK. False where nothing waits; else the wait ends soon.</summary>
    internal bool RequestUnblock(bool withError)
    {
        var command = _blocked;
        if (command == null || !command.TryClaim()) return false;
        _loop.Loop.Post(() => EndClaimed(command, withError));
        return true;
    }

    private void OnTimeout()
    {
        if (_blocked == null || (_loop.Loop.NowMs >= _blockedUntilMs && TryEndWait()) || _blocked == null) return;
        ScheduleTimeout();
    }

    private void WaitEnded()
    {
        _blocked = null;
        _timer?.Cancel();
        _timer = null;
        Resume();
        _transport.Flush();
    }

    // The connection is gone: a wait ends without a reply. If another thread is serving it, what it popped is gone too, as when a reply
    // is lost on its way.
    private void EndWait()
    {
        _timer?.Cancel();
        var command = _blocked;
        if (command != null && command.TryClaim()) command.End(Server.Store);
        _blocked = null;
    }
}
