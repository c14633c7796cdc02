using System.Text;
using OrleansKv.Contracts;
using OrleansKv.RespGateway.Commands;
using OrleansKv.RespGateway.PubSub;
using OrleansKv.RespGateway.Server;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    private volatile bool _isKilled;

    /// <summary>CLIENT SETNAME's name; empty where none was set.</summary>
    public string Name { get; set; } = "";

    /// <summary>CLIENT SETINFO's lib-name.</summary>
    public string LibraryName { get; set; } = "";

    /// <summary>CLIENT SETINFO's lib-ver.</summary>
    public string LibraryVersion { get; set; } = "";

    /// <summary>CLIENT NO-EVICT.</summary>
    public bool NoEvict { get; set; }

    /// <summary>Bytes received since the connection was made, as far as they were executed.</summary>
    public long ConsumedBytes { get; private set; }

    /// <inheritdoc cref="ProtectedMode.IsLocal"/>
    public bool IsLocal => ProtectedMode.IsLocal(_transport.RemoteAddress);

    /// <summary>True once CLIENT KILL has hit it: it is listed no more.</summary>
    public bool IsKilled => _isKilled;

    /// <summary>Whether a client name, or a library's name or version, has only printable characters that CLIENT LIST can show.</summary>
    internal static bool IsValidName(ReadOnlySpan<byte> name)
    {
        foreach (var b in name)
            if (b is < (byte)'!' or > (byte)'~') return false;
        return true;
    }

    /// <summary>Any thread: has the connection closed soon; it counts as gone at once.</summary>
    internal void Kill()
    {
        _isKilled = true;
        _transport.RequestClose();
    }

    /// <summary>RESET: back to how the connection was when it was made.</summary>
    internal void Reset()
    {
        TransactionCommands.Abandon(this);
        UnsubscribeAll();
        Database = 0;
        Resp3 = false;
        Name = "";
        NoTouch = false;
        ReadsReplicas = false;
        NoEvict = false;
        ReplyMode = ReplyMode.On;
        IsAuthenticated = Server.Config.RequirePass == null;
    }

    /// <summary>The line that CLIENT LIST and CLIENT INFO show.</summary>
    /// <param name="nowMs">The time.</param>
    /// <param name="isSelf">Whether the client asks for itself: then its arguments are those of the command under way.</param>
    internal string Describe(long nowMs, bool isSelf)
    {
        var text = new StringBuilder(320);
        var input = _transport.Input;
        var output = _transport.Output;
        var outputBytes = output.Length;
        text.Append("id=").Append(Id).Append(" addr=").Append(_transport.RemoteAddress).Append(" laddr=").Append(_transport.LocalAddress)
            .Append(" fd=").Append(_transport.FileDescriptor).Append(" name=").Append(Name)
            .Append(" age=").Append((nowMs - CreatedMs) / 1000).Append(" idle=").Append(IdleSeconds)
            .Append(" flags=").Append(FlagLetters()).Append(" db=").Append(Database)
            .Append(" sub=").Append(SubscriptionCount(TopicKind.Channel)).Append(" psub=").Append(SubscriptionCount(TopicKind.Pattern))
            .Append(" ssub=").Append(SubscriptionCount(TopicKind.ShardChannel))
            .Append(" multi=").Append(IsInTransaction ? Transaction.Commands.Count : -1)
            .Append(" qbuf=").Append(input.Length).Append(" qbuf-free=").Append(Math.Max(0, input.Capacity - input.Length))
            .Append(" argv-mem=").Append(isSelf ? Context.Args.TotalBytes : 0).Append(" multi-mem=").Append(_transaction?.QueuedBytes ?? 0)
            .Append(" rbs=").Append(Engine.Protocol.ReplyBuffer.ChunkBytes).Append(" rbp=").Append(0)
            .Append(" obl=").Append(Math.Min(outputBytes, Engine.Protocol.ReplyBuffer.ChunkBytes)).Append(" oll=").Append(Math.Max(0, output.ChunkCount - 1))
            .Append(" omem=").Append(Math.Max(0, outputBytes - Engine.Protocol.ReplyBuffer.ChunkBytes)).Append(" tot-mem=").Append(MemoryBytes)
            .Append(" events=").Append(outputBytes > 0 ? "rw" : "r").Append(" cmd=").Append(LastCommand?.FullName ?? "NULL")
            .Append(" user=default").Append(" redir=-1 resp=").Append(Resp3 ? 3 : 2)
            .Append(" lib-name=").Append(LibraryName).Append(" lib-ver=").Append(LibraryVersion);
        return text.ToString();
    }

    /// <summary>Bytes that the client costs: its buffers, what it watches, listens to and waits for, and a share for its objects.</summary>
    internal long MemoryBytes => ObjectBytes + _transport.Input.Capacity + _transport.Output.AllocatedBytes
        + (_transaction is { } transaction ? transaction.QueuedBytes + transaction.WatchedBytes : 0)
        + (_subscriptions == null ? 0 : (SubscriptionTotal * (long)SubscriptionBytes) + _topicBytes)
        + (_blocked?.OwnedBytes ?? Waiting?.Args.TotalBytes ?? 0);

    // What a connection's objects take while it is idle, and what a subscription takes beside its name.
    private const long ObjectBytes = 2048;
    private const int SubscriptionBytes = 160;

    private long IdleSeconds => (_loop.Loop.NowMs - _transport.LastReadMs) / 1000;

    private string FlagLetters()
    {
        var letters = new StringBuilder();
        if (IsSubscriber) letters.Append('P');
        if (IsInTransaction) letters.Append('x');
        if (IsBlocked || IsPaused) letters.Append('b');
        if (_transaction?.Watch is { IsDirty: true }) letters.Append('d');
        if (IsClosing) letters.Append('c');
        if (_transport.RemoteAddress.StartsWith('/')) letters.Append('U');
        if (NoEvict) letters.Append('e');
        if (NoTouch) letters.Append('T');
        return letters.Length == 0 ? "N" : letters.ToString();
    }
}
