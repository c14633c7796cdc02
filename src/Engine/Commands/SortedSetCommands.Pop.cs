using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;
using static OrleansKv.Engine.Commands.CommandFlags;

namespace OrleansKv.Engine.Commands;

// Popping from either end, at once or when something comes.
internal static partial class SortedSetCommands
{
    private static CommandRow[] PopRows =>
    [
        Row("zpopmin", -2, Write | Fast, ZPopMin, KeySpec.At(1, "RW ACCESS DELETE")) with
        {
            Since = "5.0.0", Syntax = "ZPOPMIN key [count]",
            Summary = "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member "
                + "was popped.",
            Complexity = "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.",
        },
        Row("zpopmax", -2, Write | Fast, ZPopMax, KeySpec.At(1, "RW ACCESS DELETE")) with
        {
            Since = "5.0.0", Syntax = "ZPOPMAX key [count]",
            Summary = "Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member "
                + "was popped.",
            Complexity = "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.",
        },
        Row("zmpop", -4, Write | MovableKeys, ZMPop, KeySpec.Counted(1, "RW ACCESS DELETE")) with
        {
            Since = "7.0.0", Syntax = "ZMPOP numkeys key [key ...] <MIN|MAX> [COUNT count]",
            Summary = "Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. Deletes the sorted "
                + "set if the last member was popped.",
            Complexity = "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M "
                + "being the number of elements popped.",
        },
        Row("bzpopmin", -3, Write | Fast | Blocking, BZPopMin, KeySpec.Range(1, -2, 1, "RW ACCESS DELETE")) with
        {
            Since = "5.0.0", Syntax = "BZPOPMIN key [key ...] timeout",
            Summary = "Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is "
                + "available otherwise. Deletes the sorted set if the last element was popped.",
            Complexity = "O(log(N)) with N being the number of elements in the sorted set.",
        },
        Row("bzpopmax", -3, Write | Fast | Blocking, BZPopMax, KeySpec.Range(1, -2, 1, "RW ACCESS DELETE")) with
        {
            Since = "5.0.0", Syntax = "BZPOPMAX key [key ...] timeout",
            Summary = "Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member available "
                + "otherwise.  Deletes the sorted set if the last element was popped.",
            Complexity = "O(log(N)) with N being the number of elements in the sorted set.",
        },
        Row("bzmpop", -5, Write | Blocking | MovableKeys, BZMPop, KeySpec.Counted(2, "RW ACCESS DELETE")) with
        {
            Since = "7.0.0", Syntax = "BZMPOP timeout numkeys key [key ...] <MIN|MAX> [COUNT count]",
            Summary = "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. "
                + "Deletes the sorted set if the last element was popped.",
            Complexity = "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M "
                + "being the number of elements popped.",
        },
    ];

    // ZPOPMIN key [count]
    private static void ZPopMin(CommandContext context, ref ReplyWriter reply) => PopFrom(context, fromMax: false, ref reply);

    // ZPOPMAX key [count]
    private static void ZPopMax(CommandContext context, ref ReplyWriter reply) => PopFrom(context, fromMax: true, ref reply);

    // ZMPOP numkeys key [key ...] <MIN|MAX> [COUNT count]
    private static void ZMPop(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(1);
        var request = ReadMPop(ref reader);
        if (reader.WriteError(ref reply)) return;
        var at = FindToPop(context, request.KeysAt, request.KeyCount, ref reply, out var set);
        if (at > 0) PopNested(context, context.Args[at], set!, request, ref reply);
        else if (at == 0) reply.NullArray();
    }

    // BZPOPMIN key [key ...] timeout
    private static void BZPopMin(CommandContext context, ref ReplyWriter reply) => PopOrBlock(context, fromMax: false, ref reply);

    // BZPOPMAX key [key ...] timeout
    private static void BZPopMax(CommandContext context, ref ReplyWriter reply) => PopOrBlock(context, fromMax: true, ref reply);

    // BZMPOP timeout numkeys key [key ...] <MIN|MAX> [COUNT count]
    private static void BZMPop(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var request = ReadMPop(ref reader);
        if (reader.WriteError(ref reply)) return;
        reader = context.Read(1);
        var timeoutMs = reader.NextTimeoutMs();
        if (reader.WriteError(ref reply)) return;
        var at = FindToPop(context, request.KeysAt, request.KeyCount, ref reply, out var set);
        if (at > 0) PopNested(context, context.Args[at], set!, request, ref reply);
        if (at != 0) return;
        var keys = context.CopyKeys(request.KeysAt, request.KeysAt + request.KeyCount - 1);
        context.Block(keys, timeoutMs, ref reply, NothingReply.NullArray);
    }

    private static void PopFrom(CommandContext context, bool fromMax, ref ReplyWriter reply)
    {
        var hasCount = context.Args.Count > 2;
        var reader = context.Read(2);
        if (reader.Remaining > 1) reader.Fail(ErrorText.Syntax);
        var count = hasCount ? reader.NextInteger(0, long.MaxValue, ErrorText.MustBePositive) : 1;
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<SortedSet>(key, ref reply, out var set)) return;
        if (set == null || count == 0)
        {
            reply.EmptyArray();
            return;
        }

        // A single member is a flat pair in RESP3 too where no count was given.
        count = Math.Min(count, set.Count);
        var nests = hasCount && reply.Resp3;
        reply.Array((int)(nests ? count : count * 2));
        Pop(context, key, set, fromMax, count, nests, ref reply);
    }

    private static void PopOrBlock(CommandContext context, bool fromMax, ref ReplyWriter reply)
    {
        var last = context.Args.Count - 1;
        var reader = context.Read(last);
        var timeoutMs = reader.NextTimeoutMs();
        if (reader.WriteError(ref reply)) return;
        var at = FindToPop(context, 1, last - 1, ref reply, out var set);
        if (at > 0)
        {
            reply.Array(3);
            reply.Bulk(context.Args[at]);
            context.Effects.Add(PopName(fromMax), context.Args[at]);
            Pop(context, context.Args[at], set!, fromMax, 1, nests: false, ref reply);
        }
        else if (at == 0)
        {
            context.Block(context.CopyKeys(1, last - 1), timeoutMs, ref reply, NothingReply.NullArray);
        }
    }

    private static ReadOnlySpan<byte> PopName(bool fromMax) => fromMax ? "ZPOPMAX"u8 : "ZPOPMIN"u8;

    private static PopRequest ReadMPop(ref ArgumentReader reader)
    {
        var keyCount = reader.NextInteger(1, long.MaxValue, "ERR numkeys should be greater than 0"u8);
        var keysAt = reader.Position;
        if (keyCount >= reader.Remaining) reader.Fail(ErrorText.Syntax);
        for (var i = 0; i < keyCount && !reader.Failed; i++) reader.Next();
        var fromMax = reader.TryWord("MAX"u8);
        if (!fromMax && !reader.TryWord("MIN"u8)) reader.Fail(ErrorText.Syntax);
        long count = -1;
        while (reader.HasMore)
        {
            if (count == -1 && reader.Remaining > 1 && reader.TryWord("COUNT"u8))
                count = reader.NextInteger(1, long.MaxValue, "ERR count should be greater than 0"u8);
            else
                reader.Fail(ErrorText.Syntax);
        }

        return new PopRequest(keysAt, (int)keyCount, fromMax, count == -1 ? 1 : count);
    }

    // Which argument is the first key that holds something: 0 for none, -1 after an error was written.
    private static int FindToPop(CommandContext context, int keysAt, int keyCount, ref ReplyWriter reply, out SortedSet? set)
    {
        if (!context.TryFirst(keysAt, keysAt + keyCount - 1, ref reply, out var at, out set)) return -1;
        return set == null ? 0 : at;
    }

    private static void PopNested(CommandContext context, ReadOnlySpan<byte> key, SortedSet set, in PopRequest request, ref ReplyWriter reply)
    {
        var count = Math.Min(request.Count, set.Count);
        reply.Array(2);
        reply.Bulk(key);
        reply.Array((int)count);
        context.Effects.Add(PopName(request.FromMax), key, count);
        Pop(context, key, set, request.FromMax, count, nests: true, ref reply);
    }

    // Writes members with their scores, in pairs or flat, and removes them.
    private static void Pop(
        CommandContext context, ReadOnlySpan<byte> key, SortedSet set, bool fromMax, long count, bool nests, ref ReplyWriter reply)
    {
        var range = new RankRange(fromMax ? set.Count - count : 0, count);
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var reader = set.Read(range, fromMax, scratch);
        while (reader.MoveNext())
        {
            if (nests) reply.Array(2);
            reply.Bulk(reader.Member);
            reply.Double(reader.Score);
        }

        set.RemoveRange(range);
        Removed(context, key, set, fromMax ? "zpopmax"u8 : "zpopmin"u8, count);
    }

    private readonly record struct PopRequest(int KeysAt, int KeyCount, bool FromMax, long Count);
}
