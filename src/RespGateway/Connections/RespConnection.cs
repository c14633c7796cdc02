using System.Diagnostics;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Commands;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>
/// One client: reads its pipelined commands, has each dispatched, and leaves the replies in its output, which goes out in one write
/// a batch. On its loop's thread alone, except where a member says otherwise.
/// </summary>
/// <remarks>
/// A connection executes nothing while <see cref="IsParked"/>: what has arrived stays in the input, and <see cref="Resume"/> goes on with it.
/// It is parked while a blocking command or WAIT waits, while commands are on their way to other silos or an operator changes the slot map, while
/// clients are paused, while its replies wait to be committed, and while it does not read them.
/// </remarks>
public sealed partial class RespConnection : ClientSession, IConnectionHandler
{
    private readonly TransportConnection _transport;
    private readonly LoopState _loop;
    private TransactionState? _transaction;
    private PartialCommand _partial;
    private ArgumentList _partialArgs = new();
    private bool _isProcessing;
    private bool _hasInputEnded;

    internal RespConnection(RespServer server, LoopState loop, TransportConnection transport, long id)
    {
        Server = server;
        _loop = loop;
        _transport = transport;
        Id = id;
        CreatedMs = server.Store.Clock.NowMs;
        Context = new CommandContext(server.Store, this);
        IsAuthenticated = server.Config.RequirePass == null;
        ScansAllSilos = server.IsProxyMode;
        loop.Clients.Add(this);
    }

    public RespServer Server { get; }

    /// <summary>CLIENT ID.</summary>
    public long Id { get; }

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long CreatedMs { get; }

    public TransportConnection Transport => _transport;

    /// <summary>Whether the client has given the password, or none was asked for when it came.</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>True while only commands that need no authentication run.</summary>
    internal bool MustAuthenticate => !IsAuthenticated && Server.Config.RequirePass != null;

    /// <summary>MULTI and WATCH of this client; made when first needed.</summary>
    internal TransactionState Transaction => _transaction ??= new TransactionState();

    internal bool HasTransaction => _transaction != null;

    internal bool IsInTransaction => _transaction is { IsOpen: true };

    internal CommandContext Context { get; }

    internal LoopState Loop => _loop;

    /// <summary>True while commands that have arrived must wait, or are not to be executed at all.</summary>
    internal bool IsParked =>
        IsBlocked || _awaitsCommit || _isForwarding || _isDeferred || _isHeldBack || IsPaused || IsClosing || _isKilled || _transport.IsClosed;

    /// <summary>Set when nothing more is to be executed: the connection closes once its output is sent.</summary>
    internal bool IsClosing { get; private set; }

    public void OnData() => ProcessInput();

    public void OnDrained()
    {
        if (!_isHeldBack) return;
        _isHeldBack = false;
        Resume();
    }

    /// <summary>What the client has sent is executed and replied to, although it says no more: as where nothing ever waits. One that waits for keys
    /// has gone.</summary>
    public bool OnEnd() => _hasInputEnded = _isForwarding || _awaitsCommit;

    public void OnClosed()
    {
        EndWait();
        DropRun();
        _resumeTimer?.Cancel();
        UnsubscribeAll();
        TransactionCommands.Abandon(this);
        _loop.Clients.Remove(this);
        Server.Clients.Remove(this);
    }

    /// <summary>Closes the connection when what it was sent so far has gone out; nothing more is executed.</summary>
    internal void CloseAfterReply() => IsClosing = true;

    /// <summary>Goes on with input that waited while the connection was parked.</summary>
    internal void Resume()
    {
        if (_isProcessing || IsParked) return;
        _transport.ReadingPaused = false;
        ProcessInput();
        _transport.Flush();
    }

    private void ProcessInput()
    {
        if (_isProcessing) return;
        Debug.Assert(!_loop.IsExecuting, "The loop's batch serves one connection at a time.");
        _isProcessing = _loop.IsExecuting = true;
        _loop.Worker.ResetBarrier();
        try
        {
            ExecuteInput();
        }
        finally
        {
            _isProcessing = _loop.IsExecuting = false;
            _loop.Worker.Release();
        }

        if (Server.Store.Replication is { } replication) HoldBatch(replication);
        if (_run is { IsOpen: true }) StartRun();
        if (IsClosing && !_isForwarding) _transport.CloseAfterFlush();
        else if (IsOverInputLimit()) _transport.Close();
        else if (IsParked) _transport.ReadingPaused = _transport.Input.Length > InputWhileParkedBytes;
        else if (Server.PubSub.IsCongested) HoldBackPublisher();
        if (!_hasInputEnded) return;
        if (IsBlocked) _transport.Close();
        else if (!IsParked) _transport.CloseAfterFlush();
    }

    private unsafe void ExecuteInput()
    {
        var input = _transport.Input;
        var reader = new CommandReader(input.Start, (int)Math.Min(input.Length, int.MaxValue), ReaderLimits, _partial);
        var writer = new ReplyWriter(_transport.Output, Resp3);
        var batch = _loop.Batch;
        while (!IsParked)
        {
            var before = reader.Consumed;

            // Before authentication each command may change what the next one may be.
            var status = batch.Read(ref reader, ref _partialArgs, MustAuthenticate ? 1 : CommandBatch.MaxCommands, Database);
            _loop.Worker.RefreshClock();
            var executed = ExecuteBatch(batch, ref writer);
            if (executed < batch.Count)
            {
                reader.Rewind(executed == 0 ? before : batch[executed - 1].End);
                break;
            }

            if (status != ReadStatus.Command)
            {
                if (!IsParked) EndPass(status, ref reader, ref writer);
                break;
            }

            reader.Limits = ReaderLimits;
        }

        batch.Trim();
        writer.Commit();
        input.Consume(reader.Consumed);
        ConsumedBytes += reader.Consumed;
        _partial = reader.Partial;
    }

    // Executes commands until the connection is parked, and gives how many.
    private int ExecuteBatch(CommandBatch batch, ref ReplyWriter writer)
    {
        var executed = 0;
        while (executed < batch.Count && !IsParked)
        {
            Dispatch(batch[executed], ref writer);
            if (IsPaused || _awaitsRun) break;
            executed++;
            if (_loop.HasPushes) DeliverPushes(ref writer);
            if (_transport.Output.Length > HoldBackBytes) RelieveOutput(ref writer);
        }

        return executed;
    }

    private void EndPass(ReadStatus status, ref CommandReader reader, ref ReplyWriter writer)
    {
        if (status == ReadStatus.NeedMore)
        {
            _transport.Input.EnsureCapacity(reader.NeededBytes);
            return;
        }

        writer.Error(reader.Error!);
        _loop.Worker.Statistics.CountError(writer.LastError!);
        CloseAfterReply();
    }

    private void DeliverPushes(ref ReplyWriter writer)
    {
        writer.Commit();
        _loop.DeliverPushes(Server.PubSub);
    }

    private ReaderLimits ReaderLimits => new(Server.Config.ProtoMaxBulkLengthBytes, !MustAuthenticate);
}
