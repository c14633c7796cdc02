using System.Buffers;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// A client's blocking command on keys of another silo. That silo queues it among its own and wakes this gateway when its turn has come; the next call
/// pops. While no call is under way nothing can be popped for it, so its time limit, CLIENT UNBLOCK and the client's end need nobody's leave, and when
/// the keys have another owner it queues there with the time that is left. On its connection's loop alone, except where a member says otherwise.
/// </summary>
internal sealed class RemoteWait
{
    // The owner forgets who does not call for several times as long.
    private const int CallPeriodMs = 5000;
    private const int RetryMs = 20;

    private readonly RespConnection _client;
    private readonly IoLoop _loop;
    private readonly RespBatch _command;
    private readonly long _id;
    private string? _silo;
    private long _endsMs;
    private long _givesUpMs;
    private long _calledMs;
    private bool _hasLimit;
    private bool _isTimeKnown;
    private bool _isCalling;
    private bool _isWoken;
    private byte[]? _end;
    private int _isUnblocked;
    private LoopTimer? _timer;

    /// <param name="client">Whose command it is.</param>
    /// <param name="row">The command.</param>
    /// <param name="args">Its arguments, with bytes of their own.</param>
    public RemoteWait(RespConnection client, CommandRow row, ArgumentList args)
    {
        _client = client;
        _loop = client.Loop.Loop;
        Row = row;
        Args = args;
        var bytes = new ArrayBufferWriter<byte>();
        CommandBytes.Write(bytes, args);
        _command = new RespBatch(bytes.WrittenSpan.ToArray(), client.Resp3);
        _id = client.Server.Waits.Add(this);
    }

    public CommandRow Row { get; }

    public ArgumentList Args { get; }

    /// <summary>Whether the client wants no reply.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>True where it does not wait for ever.</summary>
    public bool HasLimit => _hasLimit;

    /// <summary>The time that is left, once it is known that it has a limit; null before.</summary>
    public long? LeftMs => !_isTimeKnown ? null : _hasLimit ? Math.Max(1, _endsMs - _loop.NowMs) : 0;

    private RespServer Server => _client.Server;

    /// <summary>Begins; for a command that has waited on this silo before, with the time that is left of it.</summary>
    /// <param name="leftMs">0 is for ever; null where the owner is to say.</param>
    public void Start(long? leftMs = null)
    {
        if (leftMs is { } left) Limit(left);

        // Not within the batch of commands that is being executed.
        _loop.Post(Call);
    }

    /// <summary>Any thread: the owner may have something.</summary>
    public void Wake() => _loop.Post(() =>
    {
        _isWoken = true;
        if (!_isCalling) Call();
    });

    /// <summary>Any thread: CLIENT UNBLOCK. False where it ends so already.</summary>
    public bool RequestEnd(byte[] reply)
    {
        if (Interlocked.Exchange(ref _isUnblocked, 1) != 0) return false;
        _loop.Post(() => End(reply));
        return true;
    }

    /// <summary>Now and then: calls again, at once where the keys have another owner by now.</summary>
    public void Look()
    {
        if (_isCalling || _silo == null) return;
        var routes = Server.Cluster!.Routes;
        var owner = KeyOwners.Of(routes, Row, Args);
        if (owner < 0 || routes.Map.Members[owner].Silo != _silo || _loop.NowMs - _calledMs > CallPeriodMs) Call();
    }

    /// <summary>The client has gone.</summary>
    public void Abandon()
    {
        Forget();
        if (!_isCalling) Cancel(_silo);
    }

    private bool IsOver => _client.Waiting != this;

    // Asks whoever owns the keys.
    private void Call()
    {
        if (IsOver || _isCalling) return;
        var routes = Server.Cluster!.Routes;
        var owner = KeyOwners.Of(routes, Row, Args);
        if (owner == KeyOwners.Several)
        {
            Reply([(byte)'-', .. KeyOwners.SeveralSilos, .. "\r\n"u8]);
            return;
        }

        if (owner == RouteTable.Nobody || (owner == routes.Self && !TryHere()))
        {
            Retry(routes.Map.Version);
            return;
        }

        if (owner != routes.Self) Call(routes.Map.Members[owner].Silo);
    }

    private bool TryHere()
    {
        var silo = _silo;
        if (!_client.TryWaitHere(this)) return false;
        Forget();
        Cancel(silo);
        return true;
    }

    private void Call(string silo)
    {
        if (_silo != silo) Cancel(_silo);
        _silo = silo;
        _isCalling = true;
        _isWoken = false;
        _calledMs = _loop.NowMs;
        _client.NoteWrite(Row, silo);
        _ = CallAsync(silo);
    }

    private async Task CallAsync(string silo)
    {
        WaitAnswer answer = default;
        var isUnknown = false;
        try
        {
            answer = await Server.Cluster!.Messenger!.WaitAsync(silo, Server.Cluster.Self, _id, _command, _client.Database).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Something may have been popped.
            isUnknown = true;
        }

        _loop.Post(() => OnAnswer(silo, answer, isUnknown));
    }

    private void OnAnswer(string silo, WaitAnswer answer, bool isUnknown)
    {
        _isCalling = false;
        if (IsOver)
        {
            Cancel(silo);
            return;
        }

        if (isUnknown)
        {
            Cancel(silo);
            Reply(null);
            return;
        }

        if (answer.Waits) OnWaiting(answer.TimeoutMs);
        else if (answer.Reply.Bytes.AsSpan().StartsWith("-NOTOWNER "u8)) OnRefused();
        else Reply(answer.Reply.Bytes);
    }

    private void OnWaiting(long timeoutMs)
    {
        _givesUpMs = 0;
        if (!_isTimeKnown) Limit(timeoutMs);
        if (_end != null) End(_end);
        else if (_isWoken) Call();
    }

    private void OnRefused()
    {
        _silo = null;
        if (_end != null) End(_end);
        else Retry(Server.Cluster!.Routes.Map.Version);
    }

    // Nobody serves the keys just now. Who has not waited yet is told so when the time for that is over; who waits goes on.
    private void Retry(long version)
    {
        Cancel(_silo);
        _silo = null;
        if (_givesUpMs == 0) _givesUpMs = _loop.NowMs + Server.Config.ClusterNodeTimeoutMs;
        if (_loop.NowMs >= _givesUpMs && !_isTimeKnown) Reply([(byte)'-', .. ErrorText.NotServed, .. "\r\n"u8]);
        else _ = RefreshAsync(version);
    }

    private async Task RefreshAsync(long version)
    {
        try
        {
            await Server.Cluster!.Map.RefreshAsync(version).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The next attempt is made with the map that there is.
        }

        _loop.Post(() => _loop.Schedule(RetryMs, Call));
    }

    private void Limit(long leftMs)
    {
        _isTimeKnown = true;
        _hasLimit = leftMs > 0;
        _endsMs = _loop.NowMs + leftMs;
        if (_hasLimit) Schedule();
    }

    private void Schedule() => _timer = _loop.Schedule((int)Math.Min(_endsMs - _loop.NowMs, int.MaxValue), OnTimer);

    private void OnTimer()
    {
        if (IsOver) return;
        if (_loop.NowMs < _endsMs) Schedule();
        else End(_client.NothingReply());
    }

    // Ends it, if that call that is under way does not pop.
    private void End(byte[] reply)
    {
        if (IsOver) return;
        if (_isCalling)
        {
            _end = reply;
            return;
        }

        Cancel(_silo);
        Reply(reply);
    }

    private void Reply(byte[]? reply)
    {
        Forget();
        _client.EndRemoteWait(reply, IsUnanswered);
    }

    private void Forget()
    {
        _timer?.Cancel();
        Server.Waits.Remove(_id);
    }

    private void Cancel(string? silo)
    {
        if (silo != null && Server.Cluster!.Map.Current.Find(silo) != null) _ = CancelAsync(silo);
    }

    private async Task CancelAsync(string silo)
    {
        try
        {
            await Server.Cluster!.Messenger!.CancelWaitAsync(silo, Server.Cluster.Self, _id).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is forgotten there when it is not called for any more.
        }
    }
}
