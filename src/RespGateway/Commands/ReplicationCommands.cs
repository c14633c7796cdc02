using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Server;

namespace OrleansKv.RespGateway.Commands;

/// <summary>What clients ask of replication: WAIT and ROLE.</summary>
internal static class ReplicationCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("wait", 3, CommandFlags.NoScript, AclCategories.Connection, CommandScope.Gateway, Wait)
        {
            Group = "generic", Since = "3.0.0", Syntax = "WAIT numreplicas timeout", Complexity = "O(1)",
            Summary = "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
            Tips = ["request_policy:all_shards", "response_policy:agg_min"],
        },
        new("role", 1, CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast, AclCategories.Admin | AclCategories.Dangerous,
            CommandScope.Gateway, Role)
        {
            Group = "server", Since = "2.8.12", Syntax = "ROLE", Summary = "Returns the replication role.",
        },
    ];

    // WAIT numreplicas timeout
    private static void Wait(CommandContext context, ref ReplyWriter reply)
    {
        var read = context.Read(1);
        var count = read.NextInteger();
        var timeoutMs = read.NextInteger(ErrorText.TimeoutNotInteger);
        if (!read.Failed && timeoutMs < 0) read.Fail(ErrorText.TimeoutNegative);
        if (!read.Failed && timeoutMs > long.MaxValue - context.NowMs) read.Fail(ErrorText.TimeoutOutOfRange);
        if (!read.WriteError(ref reply)) context.Client().WaitForReplicas(count, timeoutMs, ref reply);
    }

    // ROLE
    private static void Role(CommandContext context, ref ReplyWriter reply)
    {
        var view = new ReplicationView(context.Server());
        if (view.Master is { } master)
        {
            reply.Array(5);
            reply.Bulk("slave"u8);
            reply.Bulk(master.Member.Endpoint.Host);
            reply.Integer(master.Member.Endpoint.Port);
            reply.Bulk(view.IsInSync ? "connected"u8 : "sync"u8);

            // How far the copies are only their owner knows.
            reply.Integer(view.IsInSync ? 0 : -1);
            return;
        }

        reply.Array(3);
        reply.Bulk("master"u8);
        reply.Integer(view.Offset);
        var complete = view.Replicas.Where(replica => replica.IsComplete).ToArray();
        reply.Array(complete.Length);
        foreach (var replica in complete)
        {
            reply.Array(3);
            reply.Bulk(replica.Endpoint.Host);
            reply.BulkInteger(replica.Endpoint.Port);
            reply.BulkInteger(replica.Offset);
        }
    }
}
