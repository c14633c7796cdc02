using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.RespGateway.Commands;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    // Between attempts of which the map has nothing new.
    private const int RetryMs = 20;

    private ForwardRun? _run;
    private bool _isForwarding;
    private bool _awaitsRun;

    // Adds a command to the run, and begins one where there is none. From then on replies of commands executed here are kept.
    private void Forward(CommandRow row, ref ReplyWriter writer)
    {
        writer.Commit();
        var run = _run ??= new ForwardRun();
        if (!run.IsOpen) run.Begin(Server.Cluster!.Routes);
        var command = CreateForwarded(row, run);
        run.Add(command);
        PlaceParts(run, command);
        if (!command.IsUnanswered) writer = new ReplyWriter(run.Local, Resp3);
    }

    private ForwardedCommand CreateForwarded(CommandRow row, ForwardRun run)
    {
        var args = run.Keep(Context.Args);
        var isUnanswered = ReplyMode != ReplyMode.On;
        if (IsExec(row)) return new ForwardedTransaction(row, args, Transaction, Server.PubSub, Resp3) { IsUnanswered = isUnanswered };
        if (row.Name == "watch") return new ForwardedWatch(row, args, Transaction.Remote ??= Server.CreateWatch()) { IsUnanswered = isUnanswered };
        if (ToldCommand.Accepts(row)) return new ToldCommand(row, args) { IsUnanswered = isUnanswered };
        if (CommandEverywhere.Accepts(row)) return new CommandEverywhere(row, args, _loop.Worker.Random.Next) { IsUnanswered = isUnanswered };
        return SplitRead.Accepts(row) && KeyOwners.Of(run.Routes, row, args) == KeyOwners.Several
            ? new SplitRead(row, args) { IsUnanswered = isUnanswered }
            : new WholeCommand(row, args) { IsUnanswered = isUnanswered };
    }

    // Routes a command: what is for this silo is executed at once, the rest joins the batches.
    private void PlaceParts(ForwardRun run, ForwardedCommand command)
    {
        if (command.Route(run.Routes) is { } error)
        {
            command.Reply = error;
            return;
        }

        if (command is ToldCommand told) StartTold(run, told);
        foreach (var part in command.Parts)
        {
            if (part.Silo != run.Routes.Self) Send(run, command, part);
            else if (!TryExecutePart(command, part)) run.IsStuck = true;
        }
    }

    private void Send(ForwardRun run, ForwardedCommand command, ForwardedPart part)
    {
        NoteWrite(command.Row, run.Routes.Map.Members[part.Silo].Silo);
        run.Send(command, part);
    }

    // Executes a command on subscribers for those here, and has the run wait for the others.
    private void StartTold(ForwardRun run, ToldCommand command)
    {
        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, Resp3);
        TryExecutePart(command, command.Args, ref writer);
        writer.Commit();
        run.Outstanding++;
        command.Start(Server, buffer.ToArray(), _loop.Worker.BarrierLsn, reply => _loop.Loop.Post(() =>
        {
            command.Reply = reply;
            if (--run.Outstanding == 0) EndAttempt(run);
        }));
    }

    private bool TryExecutePart(ForwardedCommand command, ForwardedPart part)
    {
        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, Resp3);
        var isExecuted = TryExecutePart(command, part.Args, ref writer);
        writer.Commit();
        if (isExecuted) part.Take(buffer.ToArray());
        else part.Outcome = PartOutcome.Again;
        return isExecuted;
    }

    private bool TryExecutePart(ForwardedCommand command, ArgumentList args, ref ReplyWriter writer)
    {
        var worker = _loop.Worker;
        Context.Args = args;
        Context.Row = command.Row;
        if (command is ForwardedTransaction)
        {
            worker.Release();
            return TransactionCommands.TryRunQueue(Context, this, ref writer);
        }

        if (command.Row.Name == "scan" && !IsHere(command.Row)) return false;
        if (command is CommandEverywhere && !Server.Cluster!.Routes.IsServed(Server.Store)) return false;
        if (command.Row.Name == "randomkey") writer.Integer(Server.Store.CountKeys(Database));
        return Executor.Execute(worker, Context, ref writer);
    }

    // Sends the run's batches. The connection is parked until the last reply is there.
    private void StartRun()
    {
        _isForwarding = true;
        _awaitsRun = false;
        _run!.Close(_loop.Loop.NowMs + Server.Config.ClusterNodeTimeoutMs);
        SendBatches(_run);
    }

    private void SendBatches(ForwardRun run)
    {
        run.Outstanding += run.Batches.Count;
        if (run.Outstanding == 0) _loop.Loop.Post(() => EndAttempt(run));
        var members = run.Routes.Map.Members;
        foreach (var batch in run.Batches)
            _loop.Calls.Add(members[batch.Silo].Silo, this, batch, new(new(batch.Bytes.ToArray(), Resp3, NoTouch), Database));
    }

    /// <summary>On the connection's loop: a silo has answered, or failed, which leaves open whether the commands were executed.</summary>
    internal void EndBatch(ForwardBatch batch, RespBatch replies, bool failed)
    {
        batch.Complete(replies, failed || replies.Bytes == null);
        if (--batch.Run.Outstanding == 0) EndAttempt(batch.Run);
    }

    // Every silo has answered: what was refused is routed again, unless the time is over.
    private void EndAttempt(ForwardRun run)
    {
        if (_transport.IsClosed || _run != run) return;
        var isDone = true;
        var isLost = false;
        foreach (var command in run.Commands)
        {
            if (command.Reply == null) Settle(command);
            isLost |= command.IsLost;
            isDone &= command.Reply != null;
        }

        if (isDone || isLost) EndRun(run);
        else if (_loop.Loop.NowMs < run.DeadlineMs) _ = RefreshAsync(run);
        else GiveUp(run);
    }

    private void Settle(ForwardedCommand command)
    {
        if (command.Parts.Exists(part => part.Outcome == PartOutcome.Unknown))
        {
            command.IsLost = true;
            return;
        }

        try
        {
            if (command.Parts.Count > 0 && command.Parts.TrueForAll(part => part.Outcome == PartOutcome.Replied))
                command.Reply = command.Merge(Server.Cluster!.Routes);
        }
        catch (FormatException)
        {
            command.IsLost = true;
        }

        command.Parts.Clear();
    }

    private async Task RefreshAsync(ForwardRun run)
    {
        var version = run.Routes.Map.Version;
        try
        {
            await Server.Cluster!.Map.RefreshAsync(version).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever kept the map from coming, the next attempt is made with the one that there is, until the time is over.
        }

        _loop.Loop.Post(() => RetryWithMap(run, version, RetryMs));
    }

    // At once when there is a later map, and without one after a while: whoever refused may serve by then.
    private void RetryWithMap(ForwardRun run, long staleVersion, int leftMs)
    {
        if (leftMs <= 0 || Server.Cluster!.Map.Current.Version > staleVersion) Retry(run);
        else if (!_transport.IsClosed) _loop.Loop.Schedule(OwnerLookMs, () => RetryWithMap(run, staleVersion, leftMs - OwnerLookMs));
    }

    private void Retry(ForwardRun run)
    {
        if (_transport.IsClosed || _run != run) return;
        run.Retry(Server.Cluster!.Routes);
        _loop.IsExecuting = true;
        _loop.Worker.ResetBarrier();
        _loop.Worker.RefreshClock();
        try
        {
            foreach (var command in run.Commands)
            {
                if (command.Reply == null) PlaceParts(run, command);
                if (run.IsStuck) break;
            }
        }
        finally
        {
            _loop.IsExecuting = false;
            _loop.Worker.Release();
        }

        if (_loop.HasPushes) _loop.DeliverPushes(Server.PubSub);
        if (Server.Store.Replication is { } replication) HoldBatch(replication);
        SendBatches(run);
    }

    private void GiveUp(ForwardRun run)
    {
        foreach (var command in run.Commands) command.Reply ??= command.GivenUpReply();
        EndRun(run);
    }

    // The replies leave in the order of the commands, up to one of which nobody knows whether it was executed: then the connection ends.
    private void EndRun(ForwardRun run)
    {
        var output = _transport.Output;
        var isLost = false;
        long at = 0;
        foreach (var command in run.Commands)
        {
            run.TakeLocal(output, command.LocalBefore - at);
            at = command.LocalBefore;
            isLost = command.Reply == null;
            if (command.Reply is not { } reply) break;
            if (!command.IsUnanswered) output.Append(reply.Span);
            if (command is ForwardedTransaction) TransactionCommands.Abandon(this);
        }

        if (isLost) CloseAfterReply();
        else run.TakeLocal(output, run.Local.Length);
        run.Clear();
        _isForwarding = false;
        if (Server.Store.Replication is { } replication) HoldUncommitted(replication, -1);
        if (_awaitsCommit) return;
        GoOnAfterRun();
    }

    private void GoOnAfterRun()
    {
        if (_transport.Output.Length > HoldBackBytes) FlushOrHoldBack();
        if (IsClosing) _transport.CloseAfterFlush();
        else Resume();
        _transport.Flush();
    }

    private void DropRun()
    {
        _run?.Dispose();
        _run = null;
    }
}
