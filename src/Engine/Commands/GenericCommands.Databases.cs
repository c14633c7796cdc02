using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>FLUSHDB, FLUSHALL and SWAPDB: commands on whole databases, with all slots locked, of which the owned ones change.</summary>
internal static partial class GenericCommands
{
    private static readonly Action<Collection> FreeCollection = static collection => collection.Free();

    private static CommandRow[] DatabaseRows =>
    [
        new("flushdb", -1, CommandFlags.Write, AclCategories.Keyspace | AclCategories.Dangerous, CommandScope.AllSlots, FlushDb)
        {
            Group = "server", Syntax = "FLUSHDB [ASYNC | SYNC]",
            Summary = "Remove all keys from the current database.",
            Complexity = "O(N) where N is the number of keys in the selected database",
            Tips = ["request_policy:all_shards", "response_policy:all_succeeded"],
        },
        new("flushall", -1, CommandFlags.Write, AclCategories.Keyspace | AclCategories.Dangerous, CommandScope.AllSlots, FlushAll)
        {
            Group = "server", Syntax = "FLUSHALL [ASYNC | SYNC]",
            Summary = "Removes all keys from all databases.",
            Complexity = "O(N) where N is the total number of keys in all databases",
            Tips = ["request_policy:all_shards", "response_policy:all_succeeded"],
        },
        new("swapdb", 3, FastWrite, AclCategories.Keyspace | AclCategories.Dangerous, CommandScope.AllSlots, SwapDb)
        {
            Group = "server", Since = "4.0.0", Syntax = "SWAPDB index1 index2",
            Summary = "Swaps two Redis databases.",
            Complexity = "O(N) where N is the count of clients watching or blocking on keys from both databases.",
        },
    ];

    // FLUSHDB [ASYNC | SYNC]
    private static void FlushDb(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadLazily(context, ref reply, out var lazily)) return;
        context.CountChanges(Flush(context, context.Database, context.Database, lazily));
        reply.Ok();
    }

    // FLUSHALL [ASYNC | SYNC]
    private static void FlushAll(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadLazily(context, ref reply, out var lazily)) return;
        context.CountChanges(Flush(context, 0, context.Store.DatabaseCount - 1, lazily));
        reply.Ok();
    }

    // SWAPDB index1 index2
    private static void SwapDb(CommandContext context, ref ReplyWriter reply)
    {
        var arguments = context.Read(1);
        if (context.Config.ClusterEnabled) arguments.Fail("ERR SWAPDB is not allowed in cluster mode"u8);
        var left = arguments.NextInteger(int.MinValue, int.MaxValue, "ERR invalid first DB index"u8);
        var right = arguments.NextInteger(int.MinValue, int.MaxValue, "ERR invalid second DB index"u8);
        var databases = context.Store.DatabaseCount;
        if (left < 0 || left >= databases || right < 0 || right >= databases) arguments.Fail(ErrorText.DbIndexOutOfRange);
        if (arguments.WriteError(ref reply)) return;
        foreach (var slot in context.Store.Slots)
            if (left != right && context.Covers(slot)) Swap(context, slot, (int)left, (int)right);
        context.CountChanges(1);
        reply.Ok();
    }

    private static bool TryReadLazily(CommandContext context, ref ReplyWriter reply, out bool lazily)
    {
        lazily = context.Config.LazyFreeUserFlush;
        if (context.Args.Count == 1) return true;
        var arguments = context.Read(1);
        if (arguments.TryWord("SYNC"u8)) lazily = false;
        else if (arguments.TryWord("ASYNC"u8)) lazily = true;
        else arguments.Fail(ErrorText.Syntax);
        if (arguments.HasMore) arguments.Fail(ErrorText.Syntax);
        return !arguments.WriteError(ref reply);
    }

    // Empties the databases from first to last and gives the number of keys that they had.
    private static long Flush(CommandContext context, int first, int last, bool lazily)
    {
        List<SlotKeyspace>? detached = lazily ? [] : null;
        long count = 0;
        foreach (var slot in context.Store.Slots)
        {
            if (!context.Covers(slot)) continue;
            slot.Copies?.Restart();
            for (var database = first; database <= Math.Min(last, slot.DatabaseCount - 1); database++)
            {
                var keyspace = slot.TryGet(database);
                if (keyspace == null || keyspace.BucketCount == 0) continue;
                slot.Watches?.TouchDatabase(database, keyspace, null, context.NowMs);
                count += keyspace.Count;
                if (detached != null) detached.Add(slot.Detach(database));
                else keyspace.Clear(FreeCollection);
            }
        }

        if (detached?.Count > 0) context.Store.LazyFree.Enqueue(count, () => detached.ForEach(keyspace => keyspace.Clear(FreeCollection)));
        return count;
    }

    private static void Swap(CommandContext context, Slot slot, int left, int right)
    {
        var atLeft = slot.TryGet(left);
        var atRight = slot.TryGet(right);
        if (atLeft is not { Count: > 0 } && atRight is not { Count: > 0 }) return;
        slot.Watches?.TouchDatabase(left, atLeft, atRight, context.NowMs);
        slot.Watches?.TouchDatabase(right, atRight, atLeft, context.NowMs);
        slot.Swap(left, right);
        slot.Copies?.Restart();
        if (slot.Waiters == null || context.Worker.IsApplying) return;
        NoteReady(context, slot, left);
        NoteReady(context, slot, right);
    }

    // Commands that wait for keys which another database brought are served after this one.
    private static void NoteReady(CommandContext context, Slot slot, int database)
    {
        foreach (var key in slot.Waiters!.Keys(database))
            if (!slot[database].Find(key).IsNull) context.Worker.Ready.Add(new ReadyKey(slot, database, key));
    }
}
