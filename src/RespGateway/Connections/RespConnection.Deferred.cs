using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>Writes a reply that was worked out elsewhere. On the connection's loop.</summary>
internal delegate void DeferredReply(ref ReplyWriter reply);

public sealed partial class RespConnection
{
    private bool _isDeferred;

    /// <summary>By the command under way, which has written nothing: its reply is worked out off the loop, and the connection is parked until then.</summary>
    internal void Defer(Func<Task<DeferredReply>> work)
    {
        _isDeferred = true;
        var isAnswered = ReplyMode == ReplyMode.On;
        _ = Task.Run(async () =>
        {
            DeferredReply reply;
            try
            {
                reply = await work().ConfigureAwait(false);
            }
            catch (Exception error)
            {
                var text = $"ERR The cluster did not answer, and may or may not have done it: {error.Message}";
                reply = (ref ReplyWriter writer) => writer.Error(text);
            }

            _loop.Loop.Post(() => EndDeferred(reply, isAnswered));
        });
    }

    private void EndDeferred(DeferredReply reply, bool isAnswered)
    {
        _isDeferred = false;
        if (_transport.IsClosed) return;
        _loop.IsExecuting = true;
        _loop.Worker.RefreshClock();
        try
        {
            var writer = new ReplyWriter(isAnswered ? _transport.Output : _loop.Discard, Resp3);
            reply(ref writer);
            if (writer.TakeErrors() > 0) _loop.Worker.Statistics.CountError(writer.LastError!);
            writer.Commit();
            _loop.Discard.Clear();
        }
        finally
        {
            _loop.IsExecuting = false;
            _loop.Worker.Release();
        }

        if (!_awaitsCommit) GoOnAfterRun();
    }
}
