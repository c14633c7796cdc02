using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Connections;

/// <summary>A client's MULTI and WATCH.</summary>
internal sealed class TransactionState
{
    private readonly List<(CommandRow Row, ArgumentList Args)> _commands = [];

    /// <summary>True between MULTI and EXEC or DISCARD.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>True once a command was refused while queueing: EXEC will fail.</summary>
    public bool HasErrors { get; set; }

    /// <summary>The queued commands.</summary>
    public IReadOnlyList<(CommandRow Row, ArgumentList Args)> Commands => _commands;

    /// <summary>What is watched, and whether it was changed; null while nothing is watched.</summary>
    public WatchState? Watch { get; set; }

    /// <summary>The watched keys.</summary>
    public List<(int Database, byte[] Key)> WatchedKeys { get; } = [];

    public void Open() => IsOpen = true;

    public void Queue(CommandRow row, ArgumentList args) => _commands.Add((row, args));

    /// <summary>Ends the transaction; what is watched stays until it is unwatched.</summary>
    public void Close()
    {
        IsOpen = false;
        HasErrors = false;
        _commands.Clear();
    }
}
