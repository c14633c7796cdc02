using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Execution;

/// <summary>A key that came to be, and that commands wait for.</summary>
internal readonly record struct ReadyKey(Slot Slot, int Database, byte[] Key);

/// <summary>
/// Serves commands that wait for keys which have just come to be: runs each again, first come first served.
/// </summary>
/// <remarks>
/// Runs on the thread whose command (or transaction) made the keys, when that is done and while its slot locks are still held: nobody who
/// comes later can take what an earlier one waits for. A served command can make keys that others wait for (BLMOVE), so this goes on
/// until no key is left.
/// <para>A waiting command that names more keys needs the locks of their slots too. They are taken out of order, so only where they are free;
/// otherwise the key is put off until no lock is held and all can be taken in order. Only then may a newcomer be faster.</para>
/// <para>Replies leave, and other queues are touched, when no lock is held any more: <see cref="Finish"/>.</para>
/// </remarks>
internal static class WaiterService
{
    /// <summary>Serves the waiters of the worker's ready keys, under the locks of the command that made them.</summary>
    /// <param name="worker">Who executes.</param>
    /// <param name="held">Ascending numbers of the slots whose locks are held.</param>
    /// <param name="holdsAll">True where every slot's lock is held.</param>
    public static void ServeLocked(Worker worker, ReadOnlySpan<int> held, bool holdsAll)
    {
        try
        {
            for (var i = 0; i < worker.Ready.Count; i++)
            {
                var ready = worker.Ready[i];
                if (holdsAll || TryHold(worker, [ready.Slot.Number], held)) ServeKey(worker, ready, held, holdsAll);
                else worker.Deferred.Enqueue((ready, [ready.Slot.Number]));
            }
        }
        finally
        {
            worker.Ready.Clear();
            foreach (var number in worker.ExtraLocks) worker.Store.Slots[number].Lock.Exit();
            worker.ExtraLocks.Clear();
        }
    }

    /// <summary>Serves what had to be put off, and sends the replies. Under no slot lock.</summary>
    public static void Finish(Worker worker)
    {
        foreach (var ready in worker.Ready) worker.Deferred.Enqueue((ready, [ready.Slot.Number]));
        worker.Ready.Clear();
        while (worker.Deferred.TryDequeue(out var deferred)) ServeDeferred(worker, deferred.Key, deferred.SlotNumbers);
        foreach (var (command, reply) in worker.Served)
        {
            command.End(worker.Store);
            command.Context.Session.Unblocked(command, reply);
        }

        worker.Served.Clear();
        worker.SendCaused();
    }

    private static void ServeDeferred(Worker worker, ReadyKey ready, int[] numbers)
    {
        foreach (var number in numbers) worker.Store.Slots[number].Lock.Enter();
        try
        {
            worker.Ready.Add(ready);
            ServeLocked(worker, numbers, holdsAll: false);
        }
        finally
        {
            foreach (var number in numbers) worker.Store.Slots[number].Lock.Exit();
        }
    }

    // Serves a key's waiters in their order while the key is there; each at most once.
    private static void ServeKey(Worker worker, ReadyKey ready, ReadOnlySpan<int> held, bool holdsAll)
    {
        var waiters = ready.Slot.Waiters;
        var queue = waiters?.QueueOf(ready.Database, ready.Key);
        var last = queue?.Last;
        for (var place = queue?.First; place != null;)
        {
            if (ready.Slot[ready.Database].Find(ready.Key).IsNull) return;
            var command = place.Value;
            if (!holdsAll && !TryHold(worker, command.SlotNumbers, held))
            {
                worker.Deferred.Enqueue((ready, command.SlotNumbers));
                return;
            }

            var next = place == last ? null : place.Next;
            var offer = command.Context.Session.Offer(worker);
            if (offer == OfferOutcome.Ask) return;
            if (offer == OfferOutcome.PassOver)
            {
                place = next;
                continue;
            }

            // A slot of its other keys may be another silo's by now: then it is for whoever changed that to end the wait.
            var isServed = Executor.AreServed(worker.Store, command.SlotNumbers, readsReplicas: false) && TryServe(worker, command, ready.Key);
            if (isServed) waiters!.Remove(ready.Database, ready.Key, place);
            place = next;
        }
    }

    private static bool TryServe(Worker worker, BlockedCommand command, byte[] key)
    {
        if (!command.TryClaim()) return false;
        var context = command.Context;
        var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, context.Session.Resp3);
        context.Worker = worker;
        context.Changes = 0;
        context.ReadyKey = key;
        try
        {
            context.Row.Handler!(context, ref writer);
        }
        catch (Exception error)
        {
            // The fault is the waiting command's, so its client is told, not the one whose command made the key.
            buffer.Dispose();
            worker.Store.OnError?.Invoke(error);
            buffer = new ReplyBuffer();
            writer = new ReplyWriter(buffer, context.Session.Resp3);
            writer.Error(ErrorText.InternalError);
        }

        finally
        {
            Record(worker, command);
        }

        writer.Commit();

        // A command whose client has gone meanwhile ends as a served one does; nobody reads its empty reply.
        UnclaimOutcome? unclaimed = buffer.IsEmpty ? command.Unclaim() : null;
        if (unclaimed is null or UnclaimOutcome.Abandoned)
        {
            command.MarkEnded();
            worker.Served.Add((command, buffer));
            return true;
        }

        buffer.Dispose();
        if (unclaimed == UnclaimOutcome.WaitsAndMissed) command.MarkKeysReady(worker);
        return false;
    }

    private static void Record(Worker worker, BlockedCommand command)
    {
        if (worker.Journal == null) return;
        worker.Effects.Complete(command.Context);
        worker.Effects.Commit();
        foreach (var number in command.SlotNumbers) command.BarrierLsn = Math.Max(command.BarrierLsn, worker.Store.Slots[number].LastLsn);
    }

    // Whether all these locks are held, after taking those that are free.
    private static bool TryHold(Worker worker, ReadOnlySpan<int> numbers, ReadOnlySpan<int> held)
    {
        foreach (var number in numbers)
        {
            if (held.BinarySearch(number) >= 0 || worker.ExtraLocks.Contains(number)) continue;
            if (!worker.Store.Slots[number].Lock.TryEnter()) return false;
            worker.ExtraLocks.Add(number);
        }

        return true;
    }
}
