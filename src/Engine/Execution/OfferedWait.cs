using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// Waiting commands of clients that are elsewhere. Nobody pops for such a command while its client may have gone: when its turn has come it is
/// offered what there is (<see cref="ClientSession.Offer"/>), and it pops when its client says that it still waits.
/// </summary>
public static class OfferedWait
{
    /// <summary>Serves a command that waits, if there is something for it, and then those that wait behind it. Under no slot lock.</summary>
    /// <param name="worker">Who executes.</param>
    /// <param name="command">The command; only one party calls this for it at a time.</param>
    /// <param name="reply">Where its reply goes; empty where there is nothing, and it waits on.</param>
    /// <returns>False where a slot of its keys is another silo's: then the wait is over.</returns>
    public static bool Take(Worker worker, BlockedCommand command, ReplyBuffer reply)
    {
        if (!command.TryClaim()) return !command.HasEnded;
        var isServed = true;
        foreach (var key in command.Keys)
        {
            var writer = new ReplyWriter(reply, command.Context.Session.Resp3);
            command.Context.ReadyKey = key;
            isServed = Executor.Execute(worker, command.Context, ref writer);
            writer.Commit();
            if (!isServed || !reply.IsEmpty) break;
        }

        worker.Release();
        if (!isServed || !reply.IsEmpty || command.Unclaim() == UnclaimOutcome.Abandoned) command.End(worker.Store);
        ServeOthers(worker, command);
        return isServed;
    }

    /// <summary>Ends the wait of a command whose client has gone or waits elsewhere, and serves those that wait behind it. Under no slot lock.</summary>
    public static void Drop(Worker worker, BlockedCommand command)
    {
        if (command.Abandon()) command.End(worker.Store);
        ServeOthers(worker, command);
    }

    /// <summary>Serves those that wait for the same keys. Under no slot lock.</summary>
    public static void ServeOthers(Worker worker, BlockedCommand command)
    {
        command.MarkKeysReady(worker);
        WaiterService.Finish(worker);
    }
}

/// <summary>What becomes of a waiting command when a key of it has come to be.</summary>
public enum OfferOutcome
{
    /// <summary>It is served at once.</summary>
    Serve,

    /// <summary>Its client is asked; those behind it wait for the answer.</summary>
    Ask,

    /// <summary>Others are served.</summary>
    PassOver,
}
