namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    private long _overSoftLimitSinceMs;

    /// <summary>Whether the client has been silent beyond `timeout`. One that waits or listens may be.</summary>
    internal bool IsOverdue(int timeoutSeconds) =>
        timeoutSeconds > 0 && !IsBlocked && !IsSubscriber && IdleSeconds > timeoutSeconds;

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
}
