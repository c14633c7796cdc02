using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    private long? _timeLeftMs;

    /// <summary>The wait for keys of another silo; null where there is none. Any thread may look.</summary>
    internal RemoteWait? Waiting { get; private set; }

    // Waits for keys of another silo, in place of executing a command here.
    private void WaitElsewhere(CommandRow row)
    {
        Waiting = new RemoteWait(this, row, Context.Args.Own()) { IsUnanswered = ReplyMode != ReplyMode.On };
        Waiting.Start();
    }

    // The keys of the wait under way, which was claimed, are another silo's by now: it goes on there.
    private void GoOnWaitingElsewhere(BlockedCommand command)
    {
        command.End(Server.Store);
        _timer?.Cancel();
        _timer = null;
        long? leftMs = command.TimeoutMs == 0 ? 0 : Math.Max(1, _waitEndsMs - _loop.Loop.NowMs);
        Waiting = new RemoteWait(this, command.Context.Row, command.Context.Args.Own()) { IsUnanswered = ReplyMode != ReplyMode.On };
        _blocked = _unblocking = null;
        Waiting.Start(leftMs);
    }

    /// <summary>The keys of the wait are this silo's by now: its command is executed, or waits, here. False where they are not yet.</summary>
    internal bool TryWaitHere(RemoteWait wait)
    {
        Context.Args = wait.Args;
        Context.Row = wait.Row;
        _timeLeftMs = wait.LeftMs;
        var writer = new ReplyWriter(wait.IsUnanswered ? _loop.Discard : _transport.Output, Resp3);
        var isExecuted = ExecuteAlone(ref writer);
        _timeLeftMs = null;
        if (!isExecuted) return false;
        Waiting = null;
        if (_blocked == null) WaitEnded(_loop.Worker.BarrierLsn);
        return true;
    }

    /// <summary>The wait is over; without a reply nobody knows what was popped, and the connection ends.</summary>
    internal void EndRemoteWait(byte[]? reply, bool isUnanswered)
    {
        Waiting = null;
        if (reply == null) CloseAfterReply();
        else if (!isUnanswered) _transport.Output.Append(reply);
        if (IsClosing) _transport.CloseAfterFlush();
        else WaitEnded(-1);
    }

    /// <summary>What a blocking command replies when its time is over.</summary>
    internal byte[] NothingReply() => Resp3 ? [.. "_\r\n"u8] : [.. "*-1\r\n"u8];

    // Executes the context's command outside of a batch.
    private bool ExecuteAlone(ref ReplyWriter writer)
    {
        _loop.IsExecuting = true;
        _loop.Worker.ResetBarrier();
        _loop.Worker.RefreshClock();
        try
        {
            return Executor.Execute(_loop.Worker, Context, ref writer);
        }
        finally
        {
            writer.Commit();
            _loop.IsExecuting = false;
            _loop.Worker.Release();
            _loop.Discard.Clear();
        }
    }
}
