using OrleansKv.Engine.Commands;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Commands;

/// <summary>The command rows that the gateway adds to the engine's table.</summary>
public static class GatewayCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        .. ConnectionCommands.Rows, .. TransactionCommands.Rows, .. PubSubCommands.Rows, .. ClientCommands.Rows, .. ServerCommands.Rows,
        .. CommandCommands.Rows, .. ConfigCommands.Rows, .. DebugCommands.Rows, .. MemoryCommands.Rows,
        .. ClusterCommands.Rows, .. ReplicationCommands.Rows,
    ];
}
