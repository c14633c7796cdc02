using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>
/// What a handler works with: the command's arguments, its client, and the keys, whose slots are locked while it runs.
/// </summary>
/// <remarks>One per session, used again for every command. Keys are read and changed through here alone, so that expiry, access clocks,
/// WATCH, waiting commands, counters and keyspace events are right everywhere: the part in CommandContext.Keys.cs.</remarks>
public sealed partial class CommandContext
{
    private Worker _worker = null!;

    public CommandContext(Store store, ClientSession session)
    {
        Store = store;
        Session = session;
    }

    public Store Store { get; }

    public ClientSession Session { get; }

    /// <summary>The command's arguments, its name first.</summary>
    public ArgumentList Args { get; set; } = new();

    /// <summary>The command's row.</summary>
    public CommandRow Row { get; set; } = null!;

    /// <summary>Who executes the command.</summary>
    public Worker Worker
    {
        get => _worker;
        internal set => _worker = value;
    }

    public Configuration.ServerConfig Config => Store.Config;

    /// <summary>The selected database.</summary>
    public int Database => Session.Database;

    /// <summary>The longest string that a command may make: proto-max-bulk-len, which is no matter for one that the owner has made.</summary>
    internal long MaxStringBytes => _worker.IsApplying ? long.MaxValue : Config.ProtoMaxBulkLengthBytes;

    /// <summary>Milliseconds since the Unix epoch, the same throughout a command.</summary>
    public long NowMs => _worker.NowMs;

    /// <summary>Changes that the command has made: what INFO counts since the last save.</summary>
    public long Changes { get; internal set; }

    /// <summary>Where the handler says what it did, if the command's own words would not do the same again.</summary>
    public Journaling.CommandEffects Effects => new(this);

    /// <summary>True while a waiting command is tried again for its client: it replies only if it finds something.</summary>
    public bool IsRetry { get; internal set; }

    /// <summary>While a waiting command is tried again: the key that came to be, the only one it may take from.</summary>
    internal byte[]? ReadyKey { get; set; }

    /// <summary>Whether a command on whole databases is meant for this slot: for a client, one that the silo owns.</summary>
    internal bool Covers(Slot slot) => _worker.Applier?.Covers(slot) ?? slot.IsOwned;

    /// <summary>A reader over the arguments from <paramref name="at"/> on.</summary>
    public ArgumentReader Read(int at) => new(Args, at);

    /// <summary>
    /// Makes the command wait until one of <paramref name="keys"/> comes to be, or the time is over: then the reply is a null array, as
    /// Redis has it for every command that waits for keys.
    /// </summary>
    /// <param name="keys">Owned copies of the keys.</param>
    /// <param name="timeoutMs">0 is for ever.</param>
    /// <param name="reply">Where the reply goes if the client cannot wait.</param>
    /// <param name="nothing">Which reply that is.</param>
    public void Block(byte[][] keys, long timeoutMs, ref ReplyWriter reply, NothingReply nothing)
    {
        if (IsRetry) return;
        if (!Session.MayBlock)
        {
            if (nothing == NothingReply.NullArray) reply.NullArray();
            else reply.Null();
            return;
        }

        var command = new BlockedCommand(this, keys, timeoutMs);
        command.Enqueue(Store);
        Session.Blocked(command);
    }

    /// <summary>Copies of the keys from argument <paramref name="first"/> to <paramref name="last"/>, to wait for; none in a retry.</summary>
    public byte[][] CopyKeys(int first, int last)
    {
        if (IsRetry) return [];
        var keys = new byte[last - first + 1][];
        for (var i = 0; i < keys.Length; i++) keys[i] = Args[first + i].ToArray();
        return keys;
    }
}

/// <summary>What a blocking command replies where it finds nothing and cannot wait.</summary>
public enum NothingReply
{
    NullArray,
    Null,
}
