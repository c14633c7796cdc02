using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.RespGateway.Commands;
using OrleansKv.RespGateway.PubSub;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    /// <summary>The error for a transaction whose slots were another silo's when their locks were taken.</summary>
    internal byte[] RedirectTransaction(CommandRow exec) => Redirection(exec, null);

    /// <summary>
    /// Ends what hangs on slots that are another silo's by now: a wait, which goes on there, or in cluster mode ends with an error that sends the client
    /// after them; in cluster mode the
    /// subscriptions to channels of those slots.
    /// </summary>
    internal void LetGoOfMovedSlots()
    {
        Waiting?.Look();
        if (_blocked is { } command && !command.IsServed(Server.Store) && command.TryClaim())
        {
            if (Server.IsProxyMode && Server.Cluster!.Messenger != null) GoOnWaitingElsewhere(command);
            else EndClaimed(command, Server.IsClusterMode ? Redirection(command.Context.Row, command.Context.Args) : MovedWait);
        }

        if (Server.IsClusterMode && SubscriptionCount(TopicKind.ShardChannel) > 0) LetGoOfMovedChannels();
    }

    private static ReadOnlySpan<byte> MovedWait => "UNBLOCKED force unblock from blocking operation, the slot of a key is another silo's now"u8;

    // In cluster mode: true after an error was written that sends the client elsewhere.
    private bool IsRedirected(CommandRow row, Slot? only, ref ReplyWriter writer)
    {
        if (only is { IsOwned: true } && Server.Cluster!.Routes.IsCovered) return false;
        return ClusterRedirect.Check(this, row, Context.Args, only) is { } error && Redirect(row, error, ref writer);
    }

    // The command was to be executed here, and the slot had gone when its lock was taken.
    private void OnSlotGone(CommandRow row, ref ReplyWriter writer)
    {
        if (!Server.IsProxyMode) Redirect(row, Redirection(row, Context.Args), ref writer);
        else if (RefusesToForward(row, ref writer)) return;
        else if (row.Is(CommandFlags.Blocking)) WaitElsewhere(row);
        else Forward(row, ref writer);
    }

    private byte[] Redirection(CommandRow row, ArgumentList? args)
    {
        if (!Server.IsClusterMode) return ErrorText.NotServed.ToArray();
        return ClusterRedirect.Check(this, row, args ?? Context.Args, null) ?? ClusterRedirect.TryAgain.ToArray();
    }

    // EXEC that is redirected ends its transaction; another command makes EXEC fail. Always true.
    private bool Redirect(CommandRow row, byte[] error, ref ReplyWriter writer)
    {
        if (IsExec(row)) TransactionCommands.Abandon(this);
        else if (IsInTransaction) Transaction.HasErrors = true;
        writer.Error(error);
        var statistics = _loop.Worker.Statistics;
        statistics.CountError(writer.LastError!);
        statistics.Of(row.Index).Rejected++;
        return true;
    }

    private void LetGoOfMovedChannels()
    {
        var writer = new ReplyWriter(_transport.Output, Resp3);
        foreach (var channel in Subscriptions(TopicKind.ShardChannel))
        {
            if (Server.Store.SlotOf(channel).Role != SlotRole.Away) continue;
            Unsubscribe(TopicKind.ShardChannel, channel);
            PubSubCommands.Confirm(this, TopicKind.ShardChannel, "sunsubscribe"u8, channel, ref writer);
        }

        writer.Commit();
        _transport.RequestFlush();
    }
}
