using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

/// <summary>
/// Transactions: MULTI queues, EXEC runs the queue under the locks of all its slots, WATCH makes EXEC fail where a key has changed.
/// </summary>
internal static class TransactionCommands
{
    private const CommandFlags Session =
        CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast | CommandFlags.AllowBusy;

    public static IEnumerable<CommandRow> Rows =>
    [
        new("multi", 1, Session, AclCategories.Transaction, CommandScope.Connection, Multi)
        {
            Group = "transactions", Since = "1.2.0", Syntax = "MULTI", Summary = "Starts a transaction.",
        },
        new("exec", 1, CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.SkipSlowlog, AclCategories.Transaction,
            CommandScope.Gateway, Exec)
        {
            Group = "transactions", Since = "1.2.0", Syntax = "EXEC", Complexity = "Depends on commands in the transaction",
            Summary = "Executes all commands in a transaction.",
        },
        new("discard", 1, Session, AclCategories.Transaction, CommandScope.Connection, Discard)
        {
            Group = "transactions", Since = "2.0.0", Syntax = "DISCARD", Complexity = "O(N), when N is the number of queued commands",
            Summary = "Discards a transaction.",
        },
        new("watch", -2, Session, AclCategories.Transaction, CommandScope.Keys, Watch)
        {
            Keys = [KeySpec.Range(1, -1, 1, "RO")], NeedsConnection = true, Group = "transactions", Since = "2.2.0", Syntax = "WATCH key [key ...]",
            Complexity = "O(1) for every key.", Summary = "Monitors changes to keys to determine the execution of a transaction.",
        },
        new("unwatch", 1, Session, AclCategories.Transaction, CommandScope.Gateway, UnwatchAll)
        {
            Group = "transactions", Since = "2.2.0", Syntax = "UNWATCH", Summary = "Forgets about watched keys of a transaction.",
        },
    ];

    /// <summary>Forgets what a client watches. Under no slot lock.</summary>
    public static void Unwatch(RespConnection client)
    {
        if (!client.HasTransaction) return;
        var transaction = client.Transaction;
        transaction.Remote?.End(client.Server.Cluster!);
        if (transaction.Watch != null) client.Loop.Worker.Release();
        foreach (var watched in transaction.Watched) client.Server.Store.Unwatch(watched.Database, watched.Key, transaction.Watch!);
        transaction.Unwatch();
    }

    /// <summary>Ends a client's transaction and its watches.</summary>
    public static void Abandon(RespConnection client)
    {
        if (!client.HasTransaction) return;
        client.Transaction.Close();
        Unwatch(client);
    }

    // MULTI
    private static void Multi(CommandContext context, ref ReplyWriter reply)
    {
        var transaction = context.Client().Transaction;
        if (transaction.IsOpen)
        {
            reply.Error("ERR MULTI calls can not be nested"u8);
            return;
        }

        transaction.Open();
        reply.Ok();
    }

    // DISCARD
    private static void Discard(CommandContext context, ref ReplyWriter reply)
    {
        var client = context.Client();
        if (!client.IsInTransaction)
        {
            reply.Error("ERR DISCARD without MULTI"u8);
            return;
        }

        Abandon(client);
        reply.Ok();
    }

    // WATCH key [key ...]
    private static void Watch(CommandContext context, ref ReplyWriter reply)
    {
        var client = context.Client();
        if (client.IsInTransaction)
        {
            reply.Error("ERR WATCH inside MULTI is not allowed"u8);
            return;
        }

        for (var i = 1; i < context.Args.Count; i++)
        {
            var key = context.Args[i];
            if (client.Transaction.Watch is { IsDirty: true } || client.Transaction.IsWatching(context.Database, key)) continue;
            var entry = context.KeyspaceOf(key).Find(key);
            var isExpired = !entry.IsNull && entry.HasExpire && entry.ExpireAtMs <= context.NowMs;
            var owned = key.ToArray();
            context.Store.Watch(context.Database, owned, client.Transaction.AddWatch(context.Database, owned, context.Store.SlotOf(key)), isExpired);
        }

        reply.Ok();
    }

    // UNWATCH
    private static void UnwatchAll(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.Worker.IsInTransaction) Unwatch(context.Client());
        reply.Ok();
    }

    // EXEC
    private static void Exec(CommandContext context, ref ReplyWriter reply)
    {
        var client = context.Client();
        var transaction = client.Transaction;
        if (!transaction.IsOpen)
        {
            reply.Error("ERR EXEC without MULTI"u8);
            return;
        }

        if (transaction.HasErrors) reply.Error(ErrorText.ExecAbort);
        else if (ClusterOrders.IsIn(transaction.Commands)) ClusterOrders.Defer(client, [.. transaction.Commands], ref reply);
        else if (!TryRunQueue(context, client, ref reply))
        {
            client.OnSlotGone(context.Row, ref reply);
            return;
        }

        Abandon(client);
    }

    /// <summary>Runs what a client has queued. False where a slot of its keys is not this silo's: then nothing was executed, and nothing replied.</summary>
    public static bool TryRunQueue(CommandContext context, RespConnection client, ref ReplyWriter reply)
    {
        var transaction = client.Transaction;
        var worker = context.Worker;
        var watched = transaction.Watched.Select(w => (w.Database, w.Key)).ToArray();
        var locked = Executor.BeginTransaction(worker, transaction.Commands, watched, client.ReadsReplicas);
        var (row, args) = (context.Row, context.Args);
        try
        {
            if (!locked.AreServed) return false;
            if (transaction.Watch is { IsDirty: true } || HasMovedWatch(context, transaction) || HasExpiredWatch(context, transaction))
            {
                reply.NullArray();
                return true;
            }

            reply.Array(transaction.Commands.Count);
            foreach (var queued in transaction.Commands)
            {
                (context.Row, context.Args) = queued;
                Executor.Execute(worker, context, ref reply);
                reply.Resp3 = context.Session.Resp3;
                client.DropOutputBeyondLimit(ref reply);
            }

            return true;
        }
        finally
        {
            (context.Row, context.Args) = (row, args);
            Executor.EndTransaction(worker, locked);
        }
    }

    // What was watched may have been changed elsewhere while the slot was another silo's.
    private static bool HasMovedWatch(CommandContext context, TransactionState transaction)
    {
        foreach (var watched in transaction.Watched)
        {
            var slot = context.Store.SlotOf(watched.Key);
            if (slot.Role != watched.Role || slot.Epoch != watched.Epoch) return true;
        }

        return false;
    }

    private static bool HasExpiredWatch(CommandContext context, TransactionState transaction)
    {
        foreach (var watched in transaction.Watched)
        {
            var entry = context.Store.SlotOf(watched.Key)[watched.Database].Find(watched.Key);
            var isExpired = !entry.IsNull && entry.HasExpire && entry.ExpireAtMs <= context.NowMs;
            if (isExpired && !context.Store.WasExpired(watched.Database, watched.Key, transaction.Watch!)) return true;
        }

        return false;
    }
}
