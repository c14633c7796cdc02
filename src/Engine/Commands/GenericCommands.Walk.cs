using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>KEYS, SCAN, RANDOMKEY and DBSIZE: commands that walk the keys of a database, one slot after the other.</summary>
internal static partial class GenericCommands
{
    private const int MaxRandomTries = 100;
    private const int AnyType = -1;

    private static CommandRow[] WalkRows =>
    [
        new("keys", 2, CommandFlags.ReadOnly, AclCategories.Keyspace | AclCategories.Dangerous, CommandScope.EachSlot, Keys)
        {
            Syntax = "KEYS pattern",
            Summary = "Returns all key names that match a pattern.",
            Complexity =
                "O(N) with N being the number of keys in the database, under the assumption that the key names in the database "
                + "and the given pattern have limited length.",
            Tips = ["request_policy:all_shards", "nondeterministic_output_order"],
        },
        new("scan", -2, CommandFlags.ReadOnly, AclCategories.Keyspace, CommandScope.EachSlot, Scan)
        {
            Since = "2.8.0", Syntax = "SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]",
            Summary = "Iterates over the key names in the database.",
            Complexity =
                "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return "
                + "back to 0. N is the number of elements inside the collection.",
            Tips = ["nondeterministic_output", "request_policy:special", "response_policy:special"],
        },
        new("randomkey", 1, CommandFlags.ReadOnly, AclCategories.Keyspace, CommandScope.EachSlot, RandomKey)
        {
            Syntax = "RANDOMKEY",
            Summary = "Returns a random key name from the database.",
            Tips = ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
        },
        new("dbsize", 1, FastRead, AclCategories.Keyspace, CommandScope.EachSlot, DbSize)
        {
            Group = "server", Syntax = "DBSIZE",
            Summary = "Returns the number of keys in the database.",
            Tips = ["request_policy:all_shards", "response_policy:agg_sum"],
        },
    ];

    // KEYS pattern
    private static void Keys(CommandContext context, ref ReplyWriter reply)
    {
        var pattern = context.Args[1];
        var isAll = pattern.SequenceEqual("*"u8);
        var start = reply.BeginDeferred();
        long count = 0;
        foreach (var slot in new SlotWalk(context.Worker, context.Database))
            count += WriteKeys(slot[context.Database], pattern, isAll, context.NowMs, ref reply);
        reply.EndDeferred(start, '*', count);
    }

    // SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
    private static void Scan(CommandContext context, ref ReplyWriter reply)
    {
        if (!ScanOptions.TryReadCursor(context.Args[1], ref reply, out var cursor)) return;
        var arguments = context.Read(2);
        var options = new ScanOptions();
        var type = AnyType;
        while (arguments.HasMore)
        {
            if (arguments.Remaining > 1 && arguments.TryWord("TYPE"u8)) type = TypeNumberOf(arguments.Next());
            else if (!options.TryTake(ref arguments)) arguments.Fail(ErrorText.Syntax);
        }

        if (arguments.WriteError(ref reply)) return;
        var start = reply.BeginDeferred();
        var count = ScanSlots(context, options, type, ref cursor, ref reply);
        reply.EndDeferredScan(start, cursor, count);
    }

    // RANDOMKEY
    private static void RandomKey(CommandContext context, ref ReplyWriter reply)
    {
        // Where expired keys stay, all may be expired: then one of them is as good as any, as in Redis.
        for (var tries = 1; ; tries++)
        {
            var keys = context.Store.CountKeys(context.Database);
            if (keys == 0)
            {
                reply.Null();
                return;
            }

            var first = SlotOfKey(context, context.Worker.Random.NextInt64(keys));
            foreach (var slot in new SlotWalk(context.Worker, context.Database, first))
                if (TryReplyRandom(context, slot, tries > MaxRandomTries, ref reply)) return;
        }
    }

    // DBSIZE
    private static void DbSize(CommandContext context, ref ReplyWriter reply) => reply.Integer(context.Store.CountKeys(context.Database));

    private static unsafe long WriteKeys(SlotKeyspace keyspace, ReadOnlySpan<byte> pattern, bool isAll, long nowMs, ref ReplyWriter reply)
    {
        long count = 0;
        foreach (var node in keyspace)
        {
            var entry = SlotKeyspace.EntryAt((nint)node);
            if (!isAll && !Glob.IsMatch(pattern, entry.Key)) continue;
            if (entry.HasExpire && entry.ExpireAtMs <= nowMs) continue;
            reply.Bulk(entry.Key);
            count++;
        }

        return count;
    }

    // Writes the keys wanted from the cursor on, about as many as asked for are looked at, and moves the cursor.
    private static long ScanSlots(
        CommandContext context, scoped ScanOptions options, int type, ref ulong cursor, ref ReplyWriter reply)
    {
        var found = context.Worker.Scratch;
        var first = (int)(cursor % SlotHash.SlotCount);
        var inSlot = cursor >> ScanCursor.SlotBits;
        long written = 0, seen = 0;

        // A call ends, too, after many buckets that hold nothing.
        var buckets = Math.Min(options.Count, long.MaxValue / 10) * 10;
        cursor = 0;
        using var walk = new SlotWalk(context.Worker, context.Database, first, context.Session.ScansAllSilos);
        while (walk.MoveNext())
        {
            var slot = walk.Current;
            if (slot.Number != first) inSlot = 0;
            if (seen >= options.Count || buckets <= 0) return End(slot.Number, inSlot: 0, out cursor, written);

            found.Clear();
            do inSlot = slot[context.Database].Scan(inSlot, found);
            while (inSlot != 0 && --buckets > 0 && seen + found.Count < options.Count);
            seen += found.Count;
            buckets--;
            written += WriteScanned(context, slot, options, type, ref reply);
            if (inSlot != 0) return End(slot.Number, inSlot, out cursor, written);
        }

        return walk.EndedAt < 0 ? written : End(walk.EndedAt, inSlot: 0, out cursor, written);
    }

    private static long End(int slot, ulong inSlot, out ulong cursor, long written)
    {
        cursor = inSlot == 0 ? ScanCursor.At(slot) : (inSlot << ScanCursor.SlotBits) | (uint)slot;
        return written;
    }

    private static long WriteScanned(CommandContext context, Slot slot, scoped ScanOptions options, int type, ref ReplyWriter reply)
    {
        long written = 0;
        foreach (var block in context.Worker.Scratch)
        {
            var entry = SlotKeyspace.EntryAt(block);
            if (!options.Matches(entry.Key)) continue;
            if (entry.HasExpire && entry.ExpireAtMs <= context.NowMs)
            {
                KeyExpiry.TryRemove(context.Worker, slot, context.Database, entry);
                continue;
            }

            if (type != AnyType && type != (int)entry.Type) continue;
            reply.Bulk(entry.Key);
            written++;
        }

        return written;
    }

    // Of a name that is no type's: a number that no key has.
    private static int TypeNumberOf(ReadOnlySpan<byte> name)
    {
        for (var type = KeyType.String; type <= KeyType.Stream; type++)
            if (System.Text.Ascii.EqualsIgnoreCase(NameOf(type), name)) return (int)type;
        return int.MaxValue;
    }

    // The slot that holds the key of this rank, were all keys counted through.
    private static int SlotOfKey(CommandContext context, long rank)
    {
        foreach (var slot in context.Store.Slots)
        {
            if (slot.IsOwned) rank -= slot.CountKeys(context.Database);
            if (rank < 0) return slot.Number;
        }

        return 0;
    }

    // False where the slot has no key left, or the key chosen had expired.
    private static unsafe bool TryReplyRandom(CommandContext context, Slot slot, bool isLastTry, ref ReplyWriter reply)
    {
        var keyspace = slot[context.Database];
        if (keyspace.Count == 0) return false;
        var entry = SlotKeyspace.EntryAt((nint)keyspace.FairRandom(context.Worker.Random));
        var isExpired = entry.HasExpire && entry.ExpireAtMs <= context.NowMs;
        if (isExpired && (KeyExpiry.TryRemove(context.Worker, slot, context.Database, entry) || !isLastTry)) return false;
        reply.Bulk(entry.Key);
        return true;
    }
}
