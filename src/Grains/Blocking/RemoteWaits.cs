using System.Collections.Concurrent;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains.Blocking;

/// <summary>
/// The blocking commands that clients of other silos' gateways have on keys of this silo. They stand in the same queues as those of this silo's own
/// clients. When one has come to the front its gateway is told, and the next call of the gateway pops: so nothing is popped for a client that
/// has gone, and where a call's outcome is unknown its gateway knows that it is. Any thread.
/// </summary>
/// <remarks>A gateway calls again for each wait every few seconds, whatever happens: a wait that is not called for any more is forgotten, and a
/// message that was lost only delays.</remarks>
public sealed class RemoteWaits : IDisposable
{
    /// <summary>How long those behind a client wait for its gateway's answer.</summary>
    internal const long AnswerMs = 500;

    // Several times the period in which gateways call.
    private const long ForgottenMs = 20_000;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<(string Gateway, long Id), RemoteWaiter> _waiters = new();
    private readonly ConcurrentBag<Worker> _idle = [];
    private readonly Store _store;
    private readonly ISlotMapSource? _map;
    private readonly Func<string, long[], Task<long[]>> _wake;
    private readonly ITimer _timer;
    private int _isLooking;

    /// <param name="store">The silo's.</param>
    /// <param name="map">Which version of the slot map a refusal names.</param>
    /// <param name="wake">Tells a gateway, named by its silo, of waits there may be something for; gives those that it does not know.</param>
    public RemoteWaits(Store store, ISlotMapSource? map, Func<string, long[], Task<long[]>> wake)
    {
        _store = store;
        _map = map;
        _wake = wake;
        _timer = store.Clock.Provider.CreateTimer(_ => Look(), null, LookPeriod, LookPeriod);
    }

    internal long NowMs => _store.Clock.NowMs;

    /// <summary>Waits that are known here.</summary>
    public int Count => _waiters.Count;

    /// <summary>Pops for a client, or has it wait; if it waits already, it keeps its place.</summary>
    /// <param name="gateway">The silo of the client's gateway.</param>
    /// <param name="id">The wait, as that gateway calls it.</param>
    /// <param name="command">The blocking command. <see cref="ErrorText.NotOwner"/> is the reply where its keys are another silo's, as of other
    /// forwarded commands.</param>
    /// <param name="database">The database that it works on.</param>
    public Task<WaitAnswer> WaitAsync(string gateway, long id, RespBatch command, int database)
    {
        var answer = Wait(gateway, id, command, database, out var lsn);
        return Commits.Await(_store, lsn, answer);
    }

    /// <summary>Ends a wait: its client has gone, or waits no more.</summary>
    public void Cancel(string gateway, long id)
    {
        if (_waiters.TryRemove((gateway, id), out var waiter)) Drop(waiter);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Under slot locks: asks a client's gateway whether it still waits.</summary>
    internal void Ask(RemoteWaiter waiter) => _ = Task.Run(() => AskAsync(waiter));

    private WaitAnswer Wait(string gateway, long id, RespBatch command, int database, out long lsn)
    {
        var waiter = _waiters.GetOrAdd((gateway, id), key => new RemoteWaiter(this, key.Gateway, key.Id));
        if (!_idle.TryTake(out var worker)) worker = _store.CreateWorker();
        var reply = new ReplyBuffer();
        try
        {
            lock (waiter.Gate)
            {
                waiter.CalledMs = NowMs;
                worker.ResetBarrier();
                worker.RefreshClock();
                if (waiter.Command == null) Start(worker, waiter, command, database, reply);
                else Take(worker, waiter, reply);
                lsn = worker.BarrierLsn;
                var waits = reply.IsEmpty && waiter.Command is { HasEnded: false };
                if (!waits) _waiters.TryRemove(new((gateway, id), waiter));
                return new WaitAnswer(new RespBatch(reply.ToArray(), command.Resp3), waits, waiter.Command?.TimeoutMs ?? 0);
            }
        }
        finally
        {
            reply.Dispose();
            worker.Release();
            _idle.Add(worker);
        }
    }

    private async Task AskAsync(RemoteWaiter waiter)
    {
        try
        {
            var unknown = await _wake(waiter.Gateway, [waiter.Id]).ConfigureAwait(false);
            if (unknown.Length > 0) Cancel(waiter.Gateway, waiter.Id);
        }
        catch (Exception)
        {
            // It is asked again, and if it has gone it is forgotten.
        }
    }

    private void Start(Worker worker, RemoteWaiter waiter, RespBatch command, int database, ReplyBuffer reply)
    {
        waiter.Database = database;
        waiter.Resp3 = command.Resp3;
        var context = new CommandContext(_store, waiter);
        var writer = new ReplyWriter(reply, command.Resp3);
        if (Refusal(worker, context, command.Bytes) is { } error) writer.Error(error);
        else if (!Executor.Execute(worker, context, ref writer)) RefuseAsForeign(ref writer);
        writer.Commit();
    }

    private void Take(Worker worker, RemoteWaiter waiter, ReplyBuffer reply)
    {
        waiter.Answered();
        waiter.Taking = worker;
        var isOwned = OfferedWait.Take(worker, waiter.Command!, reply);
        waiter.Taking = null;
        if (isOwned) return;
        var writer = new ReplyWriter(reply, waiter.Resp3);
        RefuseAsForeign(ref writer);
        writer.Commit();
    }

    private void RefuseAsForeign(ref ReplyWriter writer) => writer.Error($"{ErrorText.NotOwner} {_map?.Current.Version ?? 0}");

    // Reads the command into the context. The error is the reply where it is not executed.
    private unsafe byte[]? Refusal(Worker worker, CommandContext context, byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            var reader = new CommandReader(start, bytes.Length, new(_store.Config.ProtoMaxBulkLengthBytes, IsAuthenticated: true));
            if (reader.TryRead(context.Args) != ReadStatus.Command) return "ERR Protocol error: unexpected end of a command"u8.ToArray();
            context.Args = context.Args.Own();
        }

        var row = context.Args.Count > 0 ? _store.Commands.Find(context.Args[0]) : null;
        if (row == null || !row.Is(CommandFlags.Blocking)) return "ERR not a blocking command"u8.ToArray();
        if (!row.AcceptsCount(context.Args.Count)) return System.Text.Encoding.UTF8.GetBytes(ErrorText.WrongArity(row.FullName));
        context.Row = row;
        if (!Admission.HasMemoryFor(worker, row.Flags)) return ErrorText.OutOfMemory.ToArray();
        if (!Admission.HasReplicasFor(worker, row.Flags)) return ErrorText.NoReplicas.ToArray();
        return Admission.PausedMs(_store, row.Flags) > 0 ? ErrorText.ClientsPaused.ToArray() : null;
    }

    // Forgets who has gone, and serves those that wait behind a client that does not answer.
    private void Look()
    {
        if (_waiters.IsEmpty || Interlocked.Exchange(ref _isLooking, 1) != 0) return;
        try
        {
            foreach (var (key, waiter) in _waiters)
            {
                if (waiter.Command == null) continue;
                var isForgotten = NowMs - waiter.CalledMs > ForgottenMs || !waiter.Command.IsServed(_store);
                if (isForgotten && _waiters.TryRemove(new(key, waiter))) Drop(waiter);
                else if (waiter.IsOverdue) AskAgain(waiter);
            }
        }
        catch (Exception error) when (_store.OnError is not null)
        {
            _store.OnError?.Invoke(error);
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    private void AskAgain(RemoteWaiter waiter)
    {
        Ask(waiter);
        With(worker => OfferedWait.ServeOthers(worker, waiter.Command!));
    }

    private void Drop(RemoteWaiter waiter)
    {
        if (waiter.Command is { } command) With(worker => OfferedWait.Drop(worker, command));
    }

    private void With(Action<Worker> action)
    {
        if (!_idle.TryTake(out var worker)) worker = _store.CreateWorker();
        worker.RefreshClock();
        action(worker);
        worker.Release();
        _idle.Add(worker);
    }
}
