using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    // A client with this much unread output executes nothing more until it has read all of it.
    private const long HoldBackBytes = 1024 * 1024;

    // How much a parked client may still send before it is not read any more. Reading on shows when it closes.
    private const long InputWhileParkedBytes = 64 * 1024;

    // What a client may have on its way before it has authenticated, whatever client-query-buffer-limit says.
    private const long MaxUnauthenticatedInputBytes = 1024 * 1024;

    private const int PublisherRestMs = 1;

    private bool _isHeldBack;
    private long _overSoftLimitSinceMs;
    private LoopTimer? _resumeTimer;

    /// <summary>Whether the client has been silent beyond `timeout`. One that waits or listens may be.</summary>
    internal bool IsOverdue(int timeoutSeconds) =>
        timeoutSeconds > 0 && !IsBlocked && !_isForwarding && !_isDeferred && !_awaitsCommit && !IsPaused && !IsSubscriber && IdleSeconds > timeoutSeconds;

    /// <summary>Whether this client's unread output exceeds what client-output-buffer-limit allows it.</summary>
    internal bool IsOverOutputLimit()
    {
        var limit = IsSubscriber ? Server.Config.PubSubOutputBufferLimit : Server.Config.NormalOutputBufferLimit;
        var length = _transport.Output.Length;
        if (limit.HardLimitBytes > 0 && length > limit.HardLimitBytes) return true;
        if (limit.SoftLimitBytes == 0 || length <= limit.SoftLimitBytes)
        {
            _overSoftLimitSinceMs = 0;
            return false;
        }

        var nowMs = _loop.Loop.NowMs;
        if (_overSoftLimitSinceMs == 0) _overSoftLimitSinceMs = nowMs;
        return nowMs - _overSoftLimitSinceMs > limit.SoftLimitSeconds * 1000L;
    }

    /// <summary>
    /// Within a transaction, whose commands all run whatever their replies: once the replies are beyond the limit the client is lost, and
    /// what it will never read is not kept.
    /// </summary>
    internal void DropOutputBeyondLimit(ref ReplyWriter writer)
    {
        if (_transport.Output.Length <= HoldBackBytes) return;
        writer.Commit();
        if (!_transport.IsClosed && !IsOverOutputLimit()) return;
        _transport.Close();
        _transport.Output.Clear();
    }

    // Whether the client has sent more than client-query-buffer-limit allows, what its transaction has queued included.
    private bool IsOverInputLimit()
    {
        var bytes = _transport.Input.Length + (_transaction?.QueuedBytes ?? 0);
        return bytes > Server.Config.ClientQueryBufferLimitBytes || (bytes > MaxUnauthenticatedInputBytes && MustAuthenticate);
    }

    // Sends what there is. A client that does not take it is held back, and dropped beyond its limit.
    private void RelieveOutput(ref ReplyWriter writer)
    {
        writer.Commit();
        _loop.Worker.Release();
        if (Server.Store.Replication is { } replication) HoldBatch(replication);
        if (!_awaitsCommit) FlushOrHoldBack();
    }

    private void FlushOrHoldBack()
    {
        _transport.Flush();
        if (IsOverOutputLimit()) _transport.Close();
        else if (_transport.Output.Length > HoldBackBytes) _isHeldBack = true;
    }

    // Lets the loops of the subscribers catch up: what they have not delivered yet is memory without a limit of its own.
    private void HoldBackPublisher()
    {
        _isHeldBack = true;
        _resumeTimer = _loop.Loop.Schedule(PublisherRestMs, OnDrained);
    }
}
