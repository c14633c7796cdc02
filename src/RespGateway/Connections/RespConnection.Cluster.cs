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
    /// <summary>
    /// Ends what hangs on slots that are another silo's by now: a wait, which goes on there, or in cluster mode ends with an error that sends the client
    /// after them; in cluster mode the subscriptions to channels of those slots.
    /// </summary>
    internal void LetGoOfMovedSlots()
    {
        Waiting?.Look();
        if (_blocked is { } command && !command.IsServed(Server.Store)) LetGoOfWait(command);
        if (Server.IsClusterMode && SubscriptionCount(TopicKind.ShardChannel) > 0) LetGoOfMovedChannels();
    }

    private void LetGoOfWait(BlockedCommand command)
    {
        var redirection = Server.IsClusterMode ? Redirection(command.Context.Row, command.Context.Args) : MovedWait.ToArray();
        if (redirection == ClusterRedirect.TryAgain || !command.TryClaim()) return;
        if (Server.IsProxyMode && Server.Cluster!.Messenger != null) GoOnWaitingElsewhere(command);
        else EndClaimed(command, redirection);
    }

    private static ReadOnlySpan<byte> MovedWait => "UNBLOCKED force unblock from blocking operation, the slot of a key is another silo's now"u8;

    // In cluster mode: true after an error was written that sends the client elsewhere, or when the command is held back.
    private bool IsRedirected(CommandRow row, Slot? only, ref ReplyWriter writer)
    {
        if (only is { IsOwned: true } && Server.Cluster!.Routes.IsCovered) return false;
        if (ClusterRedirect.Check(this, row, Context.Args, only) is not { } error) return false;
        if (error != ClusterRedirect.TryAgain) return Redirect(row, error, ref writer);

        // What is queued is asked about again when it is to be executed.
        return (!IsInTransaction || IsExec(row)) && (WaitsForOwner() || Redirect(row, error, ref writer));
    }

    /// <summary>The command, or what EXEC was to run, was to be executed here, and a slot had gone when its lock was taken.</summary>
    internal void OnSlotGone(CommandRow row, ref ReplyWriter writer)
    {
        if (Server.IsClusterMode && Redirection(row, Context.Args) is var error)
        {
            if (error != ClusterRedirect.TryAgain || !WaitsForOwner()) Redirect(row, error, ref writer);
        }
        else if (!Server.IsProxyMode) Redirect(row, ErrorText.NotServed.ToArray(), ref writer);
        else if (RefusesToForward(row, ref writer)) return;
        else if (row.Is(CommandFlags.Blocking)) WaitElsewhere(row);
        else Forward(row, ref writer);
    }

    // In cluster mode, of a slot that was not served from here a moment ago.
    private byte[] Redirection(CommandRow row, ArgumentList args) => ClusterRedirect.Check(this, row, args, null) ?? ClusterRedirect.TryAgain;

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
        var routes = Server.Cluster!.Routes;
        foreach (var channel in Subscriptions(TopicKind.ShardChannel))
        {
            if (ClusterRedirect.HasShardChannels(routes, Server.Store.SlotOf(channel))) continue;
            Unsubscribe(TopicKind.ShardChannel, channel);
            PubSubCommands.Confirm(this, TopicKind.ShardChannel, "sunsubscribe"u8, channel, ref writer);
        }

        writer.Commit();
        _transport.RequestFlush();
    }
}
