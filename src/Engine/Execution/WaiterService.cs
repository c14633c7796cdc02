using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// Serves commands that wait for keys which have just come to be: runs each again, first come first served, with locks of its own.
/// </summary>
/// <remarks>
/// Runs on the thread whose command made the key, after that command and before its next. A served command can make keys that others
/// wait for (BLMOVE), so this goes on until no key is left. It runs under no lock, since a waiting command needs those of all its keys.
/// </remarks>
internal static class WaiterService
{
    /// <summary>Serves until no ready key is left.</summary>
    public static void Serve(Worker worker)
    {
        worker.Release();
        for (var i = 0; i < worker.Ready.Count; i++)
        {
            var (slot, database, key) = worker.Ready[i];
            foreach (var command in WaitersOf(slot, database, key))
            {
                if (!IsThere(slot, database, key)) break;
                TryServe(worker, command);
            }
        }

        worker.Ready.Clear();
    }

    private static BlockedCommand[] WaitersOf(Slot slot, int database, byte[] key)
    {
        slot.Lock.Enter();
        var waiters = slot.Waiters?.Of(database, key) ?? [];
        slot.Lock.Exit();
        return waiters;
    }

    private static bool IsThere(Slot slot, int database, byte[] key)
    {
        slot.Lock.Enter();
        var isThere = !slot[database].Find(key).IsNull;
        slot.Lock.Exit();
        return isThere;
    }

    private static void TryServe(Worker worker, BlockedCommand command)
    {
        if (!command.TryClaim()) return;
        var context = command.Context;
        var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, context.Session.Resp3);
        Executor.Retry(worker, context, ref writer);
        writer.Commit();
        if (buffer.IsEmpty)
        {
            buffer.Dispose();
            command.Unclaim();
            return;
        }

        command.End(worker.Store);
        context.Session.Unblocked(command, buffer);
    }
}
