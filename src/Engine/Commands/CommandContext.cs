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

    /// <summary>Milliseconds since the Unix epoch, the same throughout a command.</summary>
    public long NowMs => _worker.NowMs;

    /// <summary>Changes that the command has made: what INFO counts since the last save.</summary>
    public long Changes { get; internal set; }

    /// <summary>True while a waiting command is tried again for its client: it replies only if it finds something.</summary>
    public bool IsRetry { get; internal set; }

    /// <summary>While a waiting command is tried again: the key that came to be, the only one it may take from.</summary>
    internal byte[]? ReadyKey { get; set; }

    /// <summary>A reader over the arguments from <paramref name="at"/> on.</summary>
    public ArgumentReader Read(int at) => new(Args, at);

    /// <summary>
    /// Makes the command wait until one of <paramref name="keys"/> comes to be, or the time is over. Where the client cannot wait the reply
    /// is what <paramref name="nothing"/> writes, and so it is when the time is over.
    /// </summary>
    /// <param name="keys">Owned copies of the keys.</param>
    /// <param name="timeoutMs">0 is for ever.</param>
    /// <param name="reply">Where the reply goes if the client cannot wait.</param>
    /// <param name="nothing">Which reply says that nothing came.</param>
    public void Block(byte[][] keys, long timeoutMs, ref ReplyWriter reply, NothingReply nothing)
    {
        if (IsRetry) return;
        if (!Session.MayBlock)
        {
            WriteNothing(ref reply, nothing);
            return;
        }

        var command = new BlockedCommand(this, keys, timeoutMs, nothing);
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

    /// <summary>Writes the reply to a blocking command whose time is over.</summary>
    public static void WriteNothing(ref ReplyWriter reply, NothingReply nothing)
    {
        if (nothing == NothingReply.NullArray) reply.NullArray();
        else reply.Null();
    }
}

/// <summary>What a blocking command replies when nothing came.</summary>
public enum NothingReply
{
    NullArray,
    Null,
}
