using System.Buffers;
using OrleansKv.Contracts;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// A run of pipelined commands of which some go to other silos: while it is collected, commands on slots of this silo are executed at once and
/// their replies kept; then one batch goes to each other silo; when all have replied, the replies leave in the order of the commands. One per
/// connection, used again; on its loop's thread alone.
/// </summary>
/// <remarks>
/// All commands of an attempt are routed by one version of the map, so that those on the same slot stay in their order. What a silo refused
/// is routed again by a later version, in the same order among itself.
/// </remarks>
internal sealed class ForwardRun : IDisposable
{
    // A run grows no further beyond these: its batches and replies are messages.
    private const int MaxCommands = 1024;
    private const long MaxCommandBytes = 256 * 1024;
    private const long MaxLocalBytes = 1024 * 1024;

    // What is kept for the next run of arguments' bytes and of each silo's batch.
    private const int KeptBytes = 16 * 1024;

    private readonly List<ForwardBatch> _spare = [];
    private byte[] _argumentBytes = [];
    private int _argumentEnd;
    private bool _isFull;

    /// <summary>The commands that are not just executed here, in order.</summary>
    public List<ForwardedCommand> Commands { get; } = [];

    /// <summary>Replies of commands that were executed here meanwhile.</summary>
    public ReplyBuffer Local { get; } = new();

    /// <summary>What the present attempt sends.</summary>
    public List<ForwardBatch> Batches { get; } = [];

    /// <summary>The map that the present attempt is routed by.</summary>
    public RouteTable Routes { get; private set; } = null!;

    /// <summary>True from the first command on until the batches are sent.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>True once a command met a slot that is to be this silo's, and is not yet. What follows must wait for it.</summary>
    public bool IsStuck { get; set; }

    /// <summary>True where the run is to be sent before anything else is executed.</summary>
    public bool IsFull => _isFull || IsStuck || Commands.Count >= MaxCommands || Bytes > MaxCommandBytes || Local.Length > MaxLocalBytes;

    /// <summary>Batches that are on their way.</summary>
    public int Outstanding { get; set; }

    /// <summary>When it is given up, on the loop's clock.</summary>
    public long DeadlineMs { get; private set; }

    /// <summary>What its commands take.</summary>
    public long Bytes { get; private set; }

    public void Begin(RouteTable routes)
    {
        IsOpen = true;
        Routes = routes;
    }

    /// <summary>A copy of arguments, which is good until the run ends. Pinned memory, as they need, is too dear for every command to have its own.</summary>
    public ArgumentList Keep(ArgumentList args)
    {
        var bytes = (int)args.TotalBytes;
        if (_argumentBytes.Length - _argumentEnd < bytes)
        {
            // The commands so far hold the array that is full.
            _argumentBytes = GC.AllocateUninitializedArray<byte>(Math.Max(bytes, Math.Max(1024, _argumentBytes.Length * 2)), pinned: true);
            _argumentEnd = 0;
        }

        _argumentEnd += bytes;
        return args.Own(_argumentBytes, _argumentEnd - bytes);
    }

    public void Add(ForwardedCommand command)
    {
        command.LocalBefore = Local.Length;
        Bytes += command.Args.TotalBytes;

        // What follows EXEC is in no transaction, which ends with its reply. What follows FLUSHALL must not be executed before it is, which may take
        // more than one attempt.
        _isFull |= command.IsUnanswered || command is ForwardedTransaction or CommandEverywhere { Row.IsWrite: true };
        Commands.Add(command);
    }

    /// <summary>Adds what another silo is to execute of a command.</summary>
    public void Send(ForwardedCommand command, ForwardedPart part)
    {
        foreach (var batch in Batches)
        {
            if (batch.Silo != part.Silo) continue;
            batch.Add(command, part);
            return;
        }

        var first = _spare.Count > 0 ? _spare[^1] : new ForwardBatch(this);
        if (_spare.Count > 0) _spare.RemoveAt(_spare.Count - 1);
        first.Silo = part.Silo;
        first.Add(command, part);
        Batches.Add(first);
    }

    /// <summary>Nothing more is added.</summary>
    public void Close(long deadlineMs)
    {
        IsOpen = false;
        DeadlineMs = deadlineMs;
    }

    /// <summary>Starts another attempt.</summary>
    public void Retry(RouteTable routes)
    {
        Routes = routes;
        IsStuck = false;
        ClearBatches();
    }

    /// <summary>Moves local replies to the end of the output.</summary>
    public void TakeLocal(ReplyBuffer output, long bytes)
    {
        while (bytes > 0)
        {
            var chunk = Local.ChunkAt(0);
            var take = (int)Math.Min(bytes, chunk.Length);
            output.Append(chunk[..take]);
            Local.Advance(take);
            bytes -= take;
        }
    }

    /// <summary>Ready for the next run.</summary>
    public void Clear()
    {
        Commands.Clear();
        ClearBatches();
        Local.Clear();
        if (_argumentBytes.Length > KeptBytes) _argumentBytes = [];
        _argumentEnd = 0;
        Bytes = 0;
        IsOpen = IsStuck = _isFull = false;
    }

    public void Dispose() => Local.Dispose();

    private void ClearBatches()
    {
        foreach (var batch in Batches)
            if (batch.TryClear(KeptBytes)) _spare.Add(batch);
        Batches.Clear();
    }
}

/// <summary>What goes to one silo in one attempt.</summary>
internal sealed class ForwardBatch(ForwardRun run)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(ForwardedCommand Command, ForwardedPart Part)> _parts = [];

    public ForwardRun Run { get; } = run;

    /// <summary>The silo, as a member of the map of the attempt.</summary>
    public int Silo { get; set; }

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public void Add(ForwardedCommand command, ForwardedPart part)
    {
        command.Write(_bytes, part);
        _parts.Add((command, part));
    }

    /// <summary>Gives the parts their replies.</summary>
    /// <param name="replies">The silo's.</param>
    /// <param name="failed">The call failed, or is to be taken for failed: whether the commands were executed is unknown.</param>
    public void Complete(RespBatch replies, bool failed)
    {
        if (!failed && TryTake(replies.Bytes)) return;
        var again = _parts.TrueForAll(sent => sent.Command.IsRepeatable);
        foreach (var (_, part) in _parts) part.Outcome = again ? PartOutcome.Again : PartOutcome.Unknown;
    }

    /// <summary>Empties it for another attempt or run; false where it has grown too big to be kept.</summary>
    public bool TryClear(int maxBytes)
    {
        _parts.Clear();
        _bytes.ResetWrittenCount();
        return _bytes.Capacity <= maxBytes;
    }

    private bool TryTake(ReadOnlyMemory<byte> replies)
    {
        try
        {
            foreach (var (_, part) in _parts) replies = replies[part.Take(replies)..];
            return replies.IsEmpty;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
