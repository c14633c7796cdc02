using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Commands;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    /// <summary>The command before the one under way, or the last one: what CLIENT LIST shows.</summary>
    public CommandRow? LastCommand { get; private set; }

    /// <summary>CLIENT REPLY's mode.</summary>
    internal ReplyMode ReplyMode { get; set; }

    // Runs, queues or refuses a command.
    private void Dispatch(in ReadCommand command, ref ReplyWriter writer)
    {
        Context.Args = command.Args;
        if (ReplyMode == ReplyMode.On) DispatchAnswered(command, ref writer);
        else DispatchUnansweredSlow(command, ref writer);
    }

    private void DispatchUnansweredSlow(in ReadCommand command, ref ReplyWriter writer)
    {
        var skipping = ReplyMode == ReplyMode.SkipOne;
        if (IsAnsweredByPushes(command.Row))
        {
            DispatchAnswered(command, ref writer);
        }
        else
        {
            writer.Commit();
            var discarded = new ReplyWriter(_loop.Discard, Resp3);
            DispatchAnswered(command, ref discarded);
            discarded.Commit();
            if (ReplyMode == ReplyMode.On) _transport.Output.TakeAll(_loop.Discard);
            _loop.Discard.Clear();
        }

        // A command that is held back has not run: it is still the one to skip when it is read again.
        if (IsPaused || _awaitsRun) return;
        if (ReplyMode == ReplyMode.SkipNext) ReplyMode = ReplyMode.SkipOne;
        else if (skipping) ReplyMode = ReplyMode.On;
    }

    // Subscribing is confirmed by messages, which CLIENT REPLY does not hold off.
    private static bool IsAnsweredByPushes(CommandRow? row) =>
        row != null && row.Is(CommandFlags.PubSub) && row.Name.EndsWith("subscribe", StringComparison.Ordinal);

    private void DispatchAnswered(in ReadCommand command, ref ReplyWriter writer)
    {
        var row = CheckRow(command.Row, ref writer);
        if (row == null) return;
        LastCommand = row;
        var place = Server.Cluster != null ? Locate(row, command.Slot) : Place.Here;
        if (place == Place.AfterRun)
        {
            _awaitsRun = true;
            return;
        }

        if (!MayRun(row, command.Slot, place, ref writer) || (Server.Pause.IsSet && IsHeldByPause(row))) return;
        if (IsInTransaction && !RunsInsideTransaction(row))
        {
            Transaction.Queue(row, command.Args.Own());
            writer.Raw("+QUEUED\r\n"u8);
            return;
        }

        Context.Row = row;
        if (place == Place.Elsewhere && row.Is(CommandFlags.Blocking)) WaitElsewhere(row);
        else if (place == Place.Elsewhere) Forward(row, ref writer);
        else if (!Executor.Execute(_loop.Worker, Context, ref writer, command.Slot)) OnSlotGone(row, ref writer);
        writer.Resp3 = Resp3;
    }

    // The row to run, of a subcommand where there are such; null after an error was written.
    private CommandRow? CheckRow(CommandRow? row, ref ReplyWriter writer)
    {
        var args = Context.Args;
        if (row == null)
        {
            RefuseUnknown(ref writer);
            return null;
        }

        if (row.Subcommands.Length > 0 && args.Count > 1)
        {
            var container = row;
            row = Server.Store.Commands.FindSubcommand(container, args[1]);
            if (row == null)
            {
                Refuse(null, CommandErrors.UnknownSubcommand(container, args[1]), ref writer);
                return null;
            }
        }

        if (row.Handler != null && row.AcceptsCount(args.Count)) return row;
        Refuse(row, Encoding.UTF8.GetBytes(ErrorText.WrongArity(row.FullName)), ref writer);
        return null;
    }

    // A browser that was made to send a request here says POST or Host: first; the rest could be commands.
    private void RefuseUnknown(ref ReplyWriter writer)
    {
        var name = Context.Args[0];
        if (!Ascii.EqualsIgnoreCase(name, "post"u8) && !Ascii.EqualsIgnoreCase(name, "host:"u8))
        {
            Refuse(null, CommandErrors.UnknownCommand(Context.Args), ref writer);
            return;
        }

        Server.Warn($"Possible SECURITY ATTACK detected: {_transport.RemoteAddress} sends POST or Host:, as a browser does. Connection closed.");
        Kill();
    }

    // What Redis's processCommand checks between look-up and queueing, in its order.
    private bool MayRun(CommandRow row, Slot? only, Place place, ref ReplyWriter writer)
    {
        if (row.Is(CommandFlags.Protected) && !ServerConfig.IsAllowed(Server.Config.EnableDebugCommand, IsLocal))
            return Refuse(row, CommandErrors.DebugNotAllowed, ref writer);
        if (!IsAuthenticated && MustAuthenticate && !row.Is(CommandFlags.NoAuth)) return Refuse(row, ErrorText.NoAuth, ref writer);
        if (IsInTransaction && row.Is(CommandFlags.NoMulti)) return Refuse(row, "ERR Command not allowed inside a transaction"u8, ref writer);
        if (Server.IsClusterMode && IsRedirected(row, only, ref writer)) return false;
        if (place != Place.Here && RefusesToForward(row, ref writer)) return false;
        if (Server.Config.MaxMemoryBytes > 0 && place == Place.Here && !HasMemoryFor(row)) return Refuse(row, ErrorText.OutOfMemory, ref writer);
        if (Server.Config.MinReplicasToWrite > 0 && place == Place.Here && !Admission.HasReplicasFor(_loop.Worker, FlagsOf(row)))
            return Refuse(row, ErrorText.NoReplicas, ref writer);
        if (!Resp3 && IsSubscriber && !RunsForSubscribers(row)) return Refuse(row, CommandErrors.NotWhileSubscribed(row), ref writer);
        return true;
    }

    // Queueing a command may take more memory, whatever the command.
    private bool HasMemoryFor(CommandRow row)
    {
        var flags = FlagsOf(row);
        if (IsInTransaction && row.Name is not ("exec" or "discard" or "quit" or "reset")) flags |= CommandFlags.DenyOom;
        return Admission.HasMemoryFor(_loop.Worker, flags);
    }

    private static bool RunsForSubscribers(CommandRow row) => row.Name is "ping" or "quit" or "reset"
        or "subscribe" or "psubscribe" or "ssubscribe" or "unsubscribe" or "punsubscribe" or "sunsubscribe";

    private static bool RunsInsideTransaction(CommandRow row) =>
        row.Name is "exec" or "discard" or "multi" or "watch" or "quit" or "reset";

    // Replies an error to a command that was not run; within MULTI, EXEC will fail, and EXEC itself ends the transaction. Always false.
    private bool Refuse(CommandRow? row, ReadOnlySpan<byte> error, ref ReplyWriter writer)
    {
        if (row != null && IsExec(row))
        {
            TransactionCommands.Abandon(this);
            error = CommandErrors.Aborted(error);
        }
        else if (IsInTransaction)
        {
            Transaction.HasErrors = true;
        }

        writer.Error(error);
        var statistics = _loop.Worker.Statistics;
        statistics.CountError(writer.LastError!);
        if (row != null) statistics.Of(row.Index).Rejected++;
        return false;
    }
}

/// <summary>CLIENT REPLY's modes.</summary>
internal enum ReplyMode
{
    On,
    Off,

    /// <summary>The command after CLIENT REPLY SKIP is not answered.</summary>
    SkipNext,

    /// <summary>This command is not answered.</summary>
    SkipOne,
}
