using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

/// <summary>Transactions.</summary>
internal static class TransactionCommands
{
    /// <summary>Forgets what a client watches.</summary>
    public static void Unwatch(RespConnection client)
    {
        var transaction = client.Transaction;
        if (transaction.Watch == null) return;
        foreach (var (database, key) in transaction.WatchedKeys) client.Server.Store.Unwatch(database, key, transaction.Watch);
        transaction.WatchedKeys.Clear();
        transaction.Watch = null;
    }
}
