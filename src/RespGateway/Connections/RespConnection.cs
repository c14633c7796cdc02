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
/// It is parked while a blocking command waits, while clients are paused, and while it does not read its replies.
/// </remarks>
public sealed partial class RespConnection : ClientSession, IConnectionHandler
{
    // A client with this much unread output is held back until it has read it.
    private const long HoldBackBytes = 1024 * 1024;

    // The clock is read anew after so many commands of one batch.
    private const int CommandsPerClock = 32;

    private readonly TransportConnection _transport;
    private readonly LoopState _loop;
    private TransactionState? _transaction;
    private bool _isHeldBack;
    private bool _isProcessing;

    internal RespConnection(RespServer server, LoopState loop, TransportConnection transport, long id)
    {
        Server = server;
        _loop = loop;
        _transport = transport;
        Id = id;
        CreatedMs = server.Store.Clock.NowMs;
        Context = new CommandContext(server.Store, this);
        IsAuthenticated = server.Config.RequirePass == null;
        loop.Clients.Add(this);
    }

    public RespServer Server { get; }

    /// <summary>CLIENT ID.</summary>
    public long Id { get; }

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long CreatedMs { get; }

    public TransportConnection Transport => _transport;

    /// <summary>Whether the default user's password, where there is one, was given.</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>MULTI and WATCH of this client; made when first needed.</summary>
    internal TransactionState Transaction => _transaction ??= new TransactionState();

    internal bool IsInTransaction => _transaction is { IsOpen: true };

    internal CommandContext Context { get; }

    internal LoopState Loop => _loop;

    /// <summary>True while commands that have arrived must wait.</summary>
    internal bool IsParked => _blocked != null || _isHeldBack || IsPaused || _transport.IsClosed || IsClosing;

    /// <summary>Set when nothing more is to be executed: the connection closes once its output is sent.</summary>
    internal bool IsClosing { get; private set; }

    /// <summary>Set while CLIENT PAUSE holds the client back before its next command.</summary>
    internal bool IsPaused { get; set; }

    public void OnData()
    {
        _loop.Worker.RefreshClock();
        ProcessInput();
    }

    public void OnDrained()
    {
        if (!_isHeldBack) return;
        _isHeldBack = false;
        Resume();
    }

    public void OnClosed()
    {
        EndWait();
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
        _loop.Worker.RefreshClock();
        ProcessInput();
        _transport.Flush();
    }

    private void ProcessInput()
    {
        if (_isProcessing) return;
        _isProcessing = true;
        try
        {
            ExecuteInput();
        }
        finally
        {
            _isProcessing = false;
            _loop.Worker.Release();
        }

        CheckOutput();
        if (IsClosing) _transport.CloseAfterFlush();
        else if (_transport.Input.Length + (_transaction?.QueuedBytes ?? 0) > Server.Config.ClientQueryBufferLimitBytes) _transport.Close();
        else if (IsParked) _transport.ReadingPaused = _transport.Input.Length > InputWhileParkedBytes;
    }

    // How much a parked client may still send before it is not read any more. Reading on shows when it closes.
    private const long InputWhileParkedBytes = 64 * 1024;

    private unsafe void ExecuteInput()
    {
        var input = _transport.Input;
        var limits = new ReaderLimits(Server.Config.ProtoMaxBulkLengthBytes, IsAuthenticated);
        var reader = new CommandReader(input.Start, (int)Math.Min(input.Length, int.MaxValue), limits);
        var writer = new ReplyWriter(_transport.Output, Resp3);
        var untilClock = CommandsPerClock;
        while (!IsParked)
        {
            var status = reader.TryRead(Context.Args);
            if (status == ReadStatus.Command)
            {
                if (Context.Args.Count == 0) continue;
                Dispatch(ref writer);
                if (IsPaused)
                {
                    reader.Unread();
                    break;
                }

                if (--untilClock == 0)
                {
                    _loop.Worker.RefreshClock();
                    untilClock = CommandsPerClock;
                }

                continue;
            }

            if (status == ReadStatus.ProtocolError)
            {
                writer.Error(reader.Error!);
                CloseAfterReply();
            }
            else
            {
                input.EnsureCapacity(reader.NeededBytes);
            }

            break;
        }

        writer.Commit();
        input.Consume(reader.Consumed);
        ConsumedBytes += reader.Consumed;
        Context.Args.Trim();
    }

    // Holds a client back that does not read its replies, and drops it beyond its limit.
    private void CheckOutput()
    {
        if (_transport.Output.Length <= HoldBackBytes) return;
        _transport.Flush();
        if (IsOverOutputLimit()) _transport.Close();
        else if (_transport.Output.Length > HoldBackBytes) _isHeldBack = true;
    }
}
