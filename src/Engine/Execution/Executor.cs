using System.Buffers;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// Runs one command under the locks of its slots, and afterwards whatever waited for the keys that it made. Checks that come before
/// (arity, authentication, transactions) are the caller's.
/// </summary>
public static class Executor
{
    private const int StackKeys = 64;

    /// <summary>Executes <see cref="CommandContext.Row"/> with <see cref="CommandContext.Args"/>.</summary>
    /// <remarks>The lock of a single slot stays held by the worker for the next command of the batch; the caller releases it at the end.</remarks>
    /// <param name="worker">The calling thread's.</param>
    /// <param name="context">The command.</param>
    /// <param name="reply">Where its reply goes.</param>
    /// <param name="slot">The slot of its only key, where the caller knows it.</param>
    /// <returns>False where this silo does not own a slot of its keys, or for a command on all slots does not serve one that it owns: then nothing
    /// was executed, and nothing replied.</returns>
    public static bool Execute(Worker worker, CommandContext context, ref ReplyWriter reply, Slot? slot = null)
    {
        context.Worker = worker;
        context.Changes = 0;
        var row = context.Row;
        if (worker.HoldsAll)
        {
            context.Single = null;
            Run(worker, context, ref reply);
        }
        else
        {
            switch (row.Scope)
            {
                case CommandScope.Keys:
                    if (slot == null && row.OnlyKeyAt > 0 && row.OnlyKeyAt < context.Args.Count) slot = worker.Store.SlotOf(context.Args[row.OnlyKeyAt]);
                    if (!(slot != null ? ExecuteOnSlot(worker, context, slot, ref reply) : ExecuteOnManyKeys(worker, context, ref reply))) return false;
                    break;
                case CommandScope.AllSlots:
                    if (!ExecuteOnAllSlots(worker, context, ref reply)) return false;
                    break;
                default:
                    worker.Release();
                    context.Single = null;
                    Run(worker, context, ref reply);
                    if (row.Scope == CommandScope.EachSlot) AwaitAll(worker, row);
                    break;
            }

            if (worker.HasUnfinished) FinishWaits(worker);
        }

        Count(worker, row, reply.TakeErrors(), reply.LastError);
        return true;
    }

    /// <summary>
    /// Takes the locks that <paramref name="commands"/> need together, and those of the <paramref name="watched"/> keys, and keeps them
    /// until <see cref="EndTransaction"/>. Where the slots turn out not to be this silo's, the transaction is not to be executed.
    /// </summary>
    /// <param name="worker">The calling thread's.</param>
    /// <param name="commands">What is going to be executed.</param>
    /// <param name="watched">What must not have changed.</param>
    /// <param name="readsReplicas">Whether copies will do where nothing is written: <see cref="ClientSession.ReadsReplicas"/>.</param>
    public static LockedSlots BeginTransaction(
        Worker worker,
        IReadOnlyList<(CommandRow Row, ArgumentList Args)> commands,
        IReadOnlyList<(int Database, byte[] Key)> watched,
        bool readsReplicas = false)
    {
        worker.Release();
        var all = false;
        var slots = new SortedSet<int>();
        foreach (var (row, args) in commands)
        {
            if (row.Scope is CommandScope.AllSlots or CommandScope.EachSlot) all = true;
            readsReplicas &= !row.IsWrite;
            if (row.Scope != CommandScope.Keys) continue;
            foreach (var spec in row.Keys)
            {
                var (first, last) = spec.Resolve(args);
                for (var i = first; i <= last; i += spec.Step) slots.Add(SlotHash.Of(args[i]));
            }
        }

        int[] ofCommands = [.. slots];
        foreach (var (_, key) in watched) slots.Add(SlotHash.Of(key));
        int[] numbers = [.. slots];
        if (all) LockAll(worker.Store);
        else Lock(worker.Store, numbers);
        worker.HoldsAll = true;
        var areServed = AreServed(worker.Store, ofCommands, readsReplicas) && !(all && HoldsSomeBack(worker.Store));
        return new LockedSlots(all ? null : numbers, areServed);
    }

    /// <summary>Serves whoever waited for a transaction's keys and lets its locks go.</summary>
    public static void EndTransaction(Worker worker, LockedSlots locked)
    {
        try
        {
            Commit(worker, locked.Numbers, isAll: locked.Numbers == null);
            if (worker.Ready.Count > 0) WaiterService.ServeLocked(worker, locked.Numbers, holdsAll: locked.Numbers == null);
        }
        finally
        {
            worker.HoldsAll = false;
            if (locked.Numbers == null) UnlockAll(worker.Store);
            else Unlock(worker.Store, locked.Numbers);
        }

        if (worker.HasUnfinished) WaiterService.Finish(worker);
    }

    /// <summary>The slots of all keys that a command names, ascending, each once.</summary>
    internal static int[] SlotNumbersOf(CommandContext context)
    {
        var numbers = new int[CountKeys(context)];
        Fill(context, numbers);
        Array.Sort(numbers);
        return numbers[..Distinct(numbers)];
    }

    private static void FinishWaits(Worker worker)
    {
        worker.Release();
        WaiterService.Finish(worker);
    }

    private static bool ExecuteOnSlot(Worker worker, CommandContext context, Slot slot, ref ReplyWriter reply)
    {
        worker.Hold(slot);
        if (!slot.IsOwned && !IsReadableCopy(slot, ReadsReplicas(context))) return false;
        context.Single = slot;
        if (worker.Journal == null) context.Row.Handler!(context, ref reply);
        else RunJournaled(worker, context, slot, ref reply);
        if (worker.Ready.Count > 0) WaiterService.ServeLocked(worker, [slot.Number], holdsAll: false);
        return true;
    }

    // As the others, for the commonest case.
    private static void RunJournaled(Worker worker, CommandContext context, Slot slot, ref ReplyWriter reply)
    {
        try
        {
            context.Row.Handler!(context, ref reply);
        }
        finally
        {
            worker.Effects.Complete(context);
            worker.Effects.Commit();
            AwaitLast(worker, slot);
        }
    }

    private static void Run(Worker worker, CommandContext context, ref ReplyWriter reply)
    {
        try
        {
            context.Row.Handler!(context, ref reply);
        }
        finally
        {
            if (worker.Journal != null) worker.Effects.Complete(context);
        }
    }

    // Appends what was recorded under these locks and notes what the slots' last records are, which was seen too.
    private static void Commit(Worker worker, ReadOnlySpan<int> numbers, bool isAll)
    {
        if (worker.Journal is not { } journal) return;
        worker.Effects.Commit();
        if (isAll) worker.Await(journal.LastLsn);
        foreach (var number in numbers) AwaitLast(worker, worker.Store.Slots[number]);
    }

    // What a command that also runs on stale data (INFO) tells of the keys binds nobody, and is wanted most where nothing is committed.
    private static void AwaitAll(Worker worker, CommandRow row)
    {
        if (!row.Is(CommandFlags.Stale)) worker.Await(worker.Journal?.LastLsn ?? 0);
    }

    // A copy's last record is of its owner's journal, and who reads copies waits for nobody.
    private static void AwaitLast(Worker worker, Slot slot)
    {
        if (slot.IsOwned) worker.Await(slot.LastLsn);
    }

    private static bool ExecuteOnManyKeys(Worker worker, CommandContext context, ref ReplyWriter reply)
    {
        worker.Release();
        var count = CountKeys(context);
        int[]? rented = null;
        var numbers = count <= StackKeys ? stackalloc int[StackKeys] : rented = ArrayPool<int>.Shared.Rent(count);
        var slots = numbers[..Fill(context, numbers)];
        slots.Sort();
        slots = slots[..Distinct(slots)];
        Lock(worker.Store, slots);
        try
        {
            if (!AreServed(worker.Store, slots, ReadsReplicas(context))) return false;
            context.Single = slots.Length == 1 ? worker.Store.Slots[slots[0]] : null;
            Run(worker, context, ref reply);
            Commit(worker, slots, isAll: false);
            if (worker.Ready.Count > 0) WaiterService.ServeLocked(worker, slots, holdsAll: false);
            return true;
        }
        finally
        {
            worker.Effects.Commit();
            Unlock(worker.Store, slots);
            if (rented != null) ArrayPool<int>.Shared.Return(rented);
        }
    }

    private static bool ReadsReplicas(CommandContext context) => context.Session.ReadsReplicas && !context.Row.IsWrite;

    private static bool IsReadableCopy(Slot slot, bool readsReplicas) => readsReplicas && slot.Role == SlotRole.Replica;

    /// <summary>Whether this silo executes commands on all these slots, whose locks are held.</summary>
    internal static bool AreServed(Store store, ReadOnlySpan<int> numbers, bool readsReplicas)
    {
        foreach (var number in numbers)
        {
            var slot = store.Slots[number];
            if (!slot.IsOwned && !IsReadableCopy(slot, readsReplicas)) return false;
        }

        return true;
    }

    private static int CountKeys(CommandContext context)
    {
        var count = 0;
        foreach (var spec in context.Row.Keys)
        {
            var (first, last) = spec.Resolve(context.Args);
            if (last >= first) count += ((last - first) / spec.Step) + 1;
        }

        return count;
    }

    private static int Fill(CommandContext context, Span<int> numbers)
    {
        var count = 0;
        foreach (var spec in context.Row.Keys)
        {
            var (first, last) = spec.Resolve(context.Args);
            for (var i = first; i <= last; i += spec.Step) numbers[count++] = SlotHash.Of(context.Args[i]);
        }

        return count;
    }

    private static int Distinct(Span<int> sorted)
    {
        var count = 0;
        foreach (var number in sorted)
            if (count == 0 || sorted[count - 1] != number) sorted[count++] = number;
        return count;
    }

    private static bool ExecuteOnAllSlots(Worker worker, CommandContext context, ref ReplyWriter reply)
    {
        worker.Release();
        LockAll(worker.Store);
        if (HoldsSomeBack(worker.Store))
        {
            UnlockAll(worker.Store);
            return false;
        }

        context.Single = null;
        worker.HoldsAll = true;
        try
        {
            Run(worker, context, ref reply);
            Commit(worker, default, isAll: true);
            if (worker.Ready.Count > 0) WaiterService.ServeLocked(worker, default, holdsAll: true);
        }
        finally
        {
            worker.HoldsAll = false;
            worker.Effects.Commit();
            UnlockAll(worker.Store);
        }

        return true;
    }

    private static bool HoldsSomeBack(Store store)
    {
        foreach (var slot in store.Slots)
            if (slot.IsHeldBack) return true;
        return false;
    }

    private static void LockAll(Store store)
    {
        foreach (var slot in store.Slots) slot.Lock.Enter();
    }

    private static void UnlockAll(Store store)
    {
        foreach (var slot in store.Slots) slot.Lock.Exit();
    }

    private static void Lock(Store store, ReadOnlySpan<int> ascending)
    {
        foreach (var number in ascending) store.Slots[number].Lock.Enter();
    }

    private static void Unlock(Store store, ReadOnlySpan<int> numbers)
    {
        foreach (var number in numbers) store.Slots[number].Lock.Exit();
    }

    private static void Count(Worker worker, CommandRow row, int errors, string? errorCode)
    {
        ref var counters = ref worker.Statistics.Of(row.Index);
        counters.Calls++;
        counters.Ticks += worker.TakeTicks();
        worker.Statistics.Commands++;
        if (errors == 0) return;
        counters.Failed++;
        worker.Statistics.CountError(errorCode ?? "ERR");
    }
}

/// <summary>The slots whose locks a transaction holds.</summary>
/// <param name="Numbers">Null for all slots.</param>
/// <param name="AreServed">Whether this silo owns the slots of the commands' keys; otherwise the transaction is not to be executed.</param>
public readonly record struct LockedSlots(int[]? Numbers, bool AreServed);
