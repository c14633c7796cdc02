using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    /// <summary>The command before the one under way, or the last one: what CLIENT LIST shows.</summary>
    public CommandRow? LastCommand { get; private set; }

    /// <summary>CLIENT REPLY's mode.</summary>
    internal ReplyMode ReplyMode { get; set; }

    // Runs, queues or refuses the command in the context's arguments.
    private void Dispatch(ref ReplyWriter writer)
    {
        if (ReplyMode != ReplyMode.On)
        {
            DispatchUnansweredSlow();
            return;
        }

        DispatchAnswered(ref writer);
    }

    private void DispatchUnansweredSlow()
    {
        var skipping = ReplyMode == ReplyMode.SkipOne;
        var discarded = new ReplyWriter(_loop.Discard, Resp3);
        DispatchAnswered(ref discarded);
        discarded.Commit();
        if (ReplyMode == ReplyMode.On) _transport.Output.TakeAll(_loop.Discard);
        _loop.Discard.Clear();
        if (ReplyMode == ReplyMode.SkipNext) ReplyMode = ReplyMode.SkipOne;
        else if (skipping) ReplyMode = ReplyMode.On;
    }

    private void DispatchAnswered(ref ReplyWriter writer)
    {
        var row = FindRow(ref writer);
        if (row == null) return;
        LastCommand = row;
        if (!MayRun(row, ref writer) || IsHeldByPause(row)) return;
        if (IsInTransaction && !RunsInsideTransaction(row))
        {
            Transaction.Queue(row, Context.Args.Own());
            writer.Raw("+QUEUED\r\n"u8);
            return;
        }

        Context.Row = row;
        Executor.Execute(_loop.Worker, Context, ref writer);
        writer.Resp3 = Resp3;
    }

    private CommandRow? FindRow(ref ReplyWriter writer)
    {
        var args = Context.Args;
        var commands = Server.Store.Commands;
        var row = commands.Find(args[0]);
        if (row == null)
        {
            Refuse(null, UnknownCommand(args), ref writer);
            return null;
        }

        if (row.Subcommands.Length > 0 && args.Count > 1)
        {
            var container = row;
            row = commands.FindSubcommand(container, args[1]);
            if (row == null)
            {
                var word = Encoding.UTF8.GetString(args[1][..Math.Min(args[1].Length, 128)]);
                Refuse(null, $"ERR unknown subcommand '{word}'. Try {container.Name.ToUpperInvariant()} HELP.", ref writer);
                return null;
            }
        }

        if (row.Handler != null && row.AcceptsCount(args.Count)) return row;
        Refuse(row, ErrorText.WrongArity(row.FullName), ref writer);
        return null;
    }

    // What Redis's processCommand checks between look-up and queueing, in its order.
    private bool MayRun(CommandRow row, ref ReplyWriter writer)
    {
        if (!IsAuthenticated && !row.Is(CommandFlags.NoAuth))
        {
            Refuse(row, "NOAUTH Authentication required.", ref writer);
            return false;
        }

        if (Server.Config.MaxMemoryBytes > 0 && !HasMemoryFor(row))
        {
            Refuse(row, "OOM command not allowed when used memory > 'maxmemory'.", ref writer);
            return false;
        }

        if (!Resp3 && IsSubscriber && !RunsForSubscribers(row))
        {
            var name = Encoding.UTF8.GetString(Context.Args[0]).ToLowerInvariant();
            Refuse(row, $"ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", ref writer);
            return false;
        }

        if (row.Is(CommandFlags.NoMulti) && IsInTransaction)
        {
            Refuse(row, "ERR Command not allowed inside a transaction", ref writer);
            return false;
        }

        return true;
    }

    // Evicts where that is needed. False where it is not enough and the command may take more memory.
    private bool HasMemoryFor(CommandRow row)
    {
        if (Server.Store.Evictor.TryEvict(_loop.Worker) != EvictionOutcome.Failed) return true;
        if (row.Is(CommandFlags.DenyOom)) return false;
        return row.Name != "exec" || !IsInTransaction || !Transaction.Commands.Any(queued => queued.Row.Is(CommandFlags.DenyOom));
    }

    private static bool RunsForSubscribers(CommandRow row) => row.Name is "ping" or "quit" or "reset"
        or "subscribe" or "psubscribe" or "ssubscribe" or "unsubscribe" or "punsubscribe" or "sunsubscribe";

    // Parks the connection before a command that CLIENT PAUSE holds back; it is read again when the pause is over.
    private bool IsHeldByPause(CommandRow row)
    {
        if (!Server.Pause.IsSet) return false;
        var (kind, leftMs) = Server.Pause.At(Server.Store.Clock.NowMs);
        if (kind == PauseKind.None || (kind == PauseKind.Write && !MayWrite(row)) || row.Name is "unpause" or "quit") return false;
        IsPaused = true;
        _loop.Loop.Schedule((int)Math.Min(leftMs, int.MaxValue), EndPause);
        return true;
    }

    private bool MayWrite(CommandRow row)
    {
        if (row.IsWrite || row.Is(CommandFlags.MayReplicate)) return true;
        return row.Name == "exec" && IsInTransaction && Transaction.Commands.Any(queued => queued.Row.IsWrite || queued.Row.Is(CommandFlags.MayReplicate));
    }

    /// <summary>On the connection's loop: goes on with what a pause held back, which may hold it back again.</summary>
    internal void EndPause()
    {
        if (!IsPaused) return;
        IsPaused = false;
        Resume();
    }

    private static bool RunsInsideTransaction(CommandRow row) =>
        row.Name is "exec" or "discard" or "multi" or "watch" or "quit" or "reset";

    // Replies an error to a command that was not run; within MULTI, EXEC will fail.
    private void Refuse(CommandRow? row, string error, ref ReplyWriter writer)
    {
        if (IsInTransaction) Transaction.HasErrors = true;
        writer.Error(error);
        var statistics = _loop.Worker.Statistics;
        statistics.CountError(writer.LastError!);
        if (row != null) statistics.Of(row.Index).Rejected++;
    }

    private static string UnknownCommand(ArgumentList args)
    {
        var text = new StringBuilder("ERR unknown command '");
        text.Append(Encoding.UTF8.GetString(args[0][..Math.Min(args[0].Length, 128)])).Append("', with args beginning with: ");
        var room = 128;
        for (var i = 1; i < args.Count && room > 0; i++)
        {
            var word = args[i][..Math.Min(args[i].Length, room)];
            text.Append('\'').Append(Encoding.UTF8.GetString(word)).Append("' ");
            room -= word.Length + 3;
        }

        return text.ToString();
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
