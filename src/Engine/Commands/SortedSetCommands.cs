using System.Buffers;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;
using static OrleansKv.Engine.Commands.CommandFlags;

namespace OrleansKv.Engine.Commands;

/// <summary>Sorted sets: here what works on single members; ranges, random choice, popping and combining have files of their own.</summary>
/// <remarks>Every range, by index, score or name, becomes a range of ranks, which is then read, stored or removed.</remarks>
internal static partial class SortedSetCommands
{
    public static IEnumerable<CommandRow> Rows => [.. MemberRows, .. RangeRows, .. WalkRows, .. PopRows, .. CombineRows];

    private static CommandRow[] MemberRows =>
    [
        Row("zadd", -4, Write | DenyOom | Fast, ZAdd, KeySpec.At(1, "RW UPDATE")) with
        {
            Since = "1.2.0", Syntax = "ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]",
            Summary = "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
            Complexity = "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
        },
        Row("zincrby", 4, Write | DenyOom | Fast, ZIncrBy, KeySpec.At(1, "RW ACCESS UPDATE")) with
        {
            Since = "1.2.0", Syntax = "ZINCRBY key increment member",
            Summary = "Increments the score of a member in a sorted set.",
            Complexity = "O(log(N)) where N is the number of elements in the sorted set.",
        },
        Row("zrem", -3, Write | Fast, ZRem, KeySpec.At(1, "RW DELETE")) with
        {
            Since = "1.2.0", Syntax = "ZREM key member [member ...]",
            Summary = "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.",
            Complexity = "O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.",
        },
        Row("zcard", 2, ReadOnly | Fast, ZCard, KeySpec.At(1, "RO")) with
        {
            Since = "1.2.0", Syntax = "ZCARD key",
            Summary = "Returns the number of members in a sorted set.",
            Complexity = "O(1)",
        },
        Row("zscore", 3, ReadOnly | Fast, ZScore, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "1.2.0", Syntax = "ZSCORE key member",
            Summary = "Returns the score of a member in a sorted set.",
            Complexity = "O(1)",
        },
        Row("zmscore", -3, ReadOnly | Fast, ZMScore, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZMSCORE key member [member ...]",
            Summary = "Returns the score of one or more members in a sorted set.",
            Complexity = "O(N) where N is the number of members being requested.",
        },
        Row("zrank", -3, ReadOnly | Fast, ZRank, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.0.0", Syntax = "ZRANK key member [WITHSCORE]",
            Summary = "Returns the index of a member in a sorted set ordered by ascending scores.",
            Complexity = "O(log(N))",
        },
        Row("zrevrank", -3, ReadOnly | Fast, ZRevRank, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.0.0", Syntax = "ZREVRANK key member [WITHSCORE]",
            Summary = "Returns the index of a member in a sorted set ordered by descending scores.",
            Complexity = "O(log(N))",
        },
    ];

    // ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]
    private static void ZAdd(CommandContext context, ref ReplyWriter reply) => Add(context, AddOptions.None, ref reply);

    // ZINCRBY key increment member
    private static void ZIncrBy(CommandContext context, ref ReplyWriter reply) => Add(context, AddOptions.Increment, ref reply);

    // ZREM key member [member ...]
    private static void ZRem(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWrite<SortedSet>(key, ref reply, out var set)) return;
        var removed = 0;
        for (var i = 2; set != null && i < context.Args.Count; i++)
            if (set.Remove(context.Args[i])) removed++;
        if (removed > 0) Removed(context, key, set!, "zrem"u8, removed);
        reply.Integer(removed);
    }

    // ZCARD key
    private static void ZCard(CommandContext context, ref ReplyWriter reply)
    {
        if (context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) reply.Integer(set?.Count ?? 0);
    }

    // ZSCORE key member
    private static void ZScore(CommandContext context, ref ReplyWriter reply)
    {
        if (context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) WriteScore(set, context.Args[2], ref reply);
    }

    // ZMSCORE key member [member ...]
    private static void ZMScore(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) return;
        reply.Array(context.Args.Count - 2);
        for (var i = 2; i < context.Args.Count; i++) WriteScore(set, context.Args[i], ref reply);
    }

    // ZRANK key member [WITHSCORE]
    private static void ZRank(CommandContext context, ref ReplyWriter reply) => Rank(context, reverse: false, ref reply);

    // ZREVRANK key member [WITHSCORE]
    private static void ZRevRank(CommandContext context, ref ReplyWriter reply) => Rank(context, reverse: true, ref reply);

    private static void Add(CommandContext context, AddOptions options, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var countsUpdates = ReadAddOptions(ref reader, ref options);
        var first = reader.Position;
        var count = CheckPairs(ref reader, options);
        double[]? rented = null;
        var scores = count <= 16 ? stackalloc double[16] : rented = ArrayPool<double>.Shared.Rent(count);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            scores[i] = reader.NextDouble();
            reader.Next();
        }

        if (!reader.WriteError(ref reply)) AddPairs(context, first, scores[..count], options, countsUpdates, ref reply);
        if (rented != null) ArrayPool<double>.Shared.Return(rented);
    }

    // Reads the words before the first score; true where CH is among them.
    private static bool ReadAddOptions(ref ArgumentReader reader, ref AddOptions options)
    {
        var countsUpdates = false;
        while (reader.HasMore)
        {
            if (reader.TryWord("NX"u8)) options |= AddOptions.OnlyNew;
            else if (reader.TryWord("XX"u8)) options |= AddOptions.OnlyExisting;
            else if (reader.TryWord("CH"u8)) countsUpdates = true;
            else if (reader.TryWord("INCR"u8)) options |= AddOptions.Increment;
            else if (reader.TryWord("GT"u8)) options |= AddOptions.OnlyGreater;
            else if (reader.TryWord("LT"u8)) options |= AddOptions.OnlyLess;
            else break;
        }

        return countsUpdates;
    }

    // The number of score-member pairs that follow, 0 after an error.
    private static int CheckPairs(ref ArgumentReader reader, AddOptions options)
    {
        const AddOptions NewAndExisting = AddOptions.OnlyNew | AddOptions.OnlyExisting;
        const AddOptions Comparing = AddOptions.OnlyNew | AddOptions.OnlyGreater | AddOptions.OnlyLess;
        var words = reader.Remaining;
        if (words == 0 || words % 2 != 0) reader.Fail(ErrorText.Syntax);
        else if ((options & NewAndExisting) == NewAndExisting) reader.Fail("ERR XX and NX options at the same time are not compatible"u8);
        else if (int.PopCount((int)(options & Comparing)) > 1) reader.Fail("ERR GT, LT, and/or NX options at the same time are not compatible"u8);
        else if ((options & AddOptions.Increment) != 0 && words > 2) reader.Fail("ERR INCR option supports a single increment-element pair"u8);
        return reader.Failed ? 0 : words / 2;
    }

    private static void AddPairs(
        CommandContext context, int first, scoped ReadOnlySpan<double> scores, AddOptions options, bool countsUpdates, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWrite<SortedSet>(key, ref reply, out var set)) return;
        var limits = Limits(context);
        if (set == null && (options & AddOptions.OnlyExisting) == 0) context.Add(key, set = new SortedSet(limits));
        var added = 0;
        var updated = 0;
        var score = 0.0;
        var result = AddResult.Refused;
        for (var i = 0; set != null && i < scores.Length; i++)
        {
            result = set.Add(context.Args[first + (2 * i) + 1], scores[i], options, limits, out score);
            if (result == AddResult.Added) added++;
            else if (result == AddResult.Updated) updated++;
        }

        var increments = (options & AddOptions.Increment) != 0;
        if (added + updated > 0)
            context.Modified(key, KeyspaceEventClasses.SortedSet, increments ? "zincr"u8 : "zadd"u8, added + updated);
        if (!increments) reply.Integer(countsUpdates ? added + updated : added);
        else if (result == AddResult.NotANumber) reply.Error("ERR resulting score is not a number (NaN)"u8);
        else if (result == AddResult.Refused) reply.Null();
        else reply.Double(score);
    }

    private static void Rank(CommandContext context, bool reverse, ref ReplyWriter reply)
    {
        if (context.Args.Count > 4)
        {
            reply.Error(ErrorText.WrongArity(context.Row.FullName));
            return;
        }

        var reader = context.Read(3);
        var withScore = reader.TryWord("WITHSCORE"u8);
        if (reader.HasMore) reader.Fail(ErrorText.Syntax);
        if (reader.WriteError(ref reply)) return;
        if (!context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) return;
        var score = 0.0;
        var rank = set?.RankOf(context.Args[2], out score) ?? -1;
        if (rank < 0)
        {
            if (withScore) reply.NullArray();
            else reply.Null();
            return;
        }

        if (withScore) reply.Array(2);
        reply.Integer(reverse ? set!.Count - 1 - rank : rank);
        if (withScore) reply.Double(score);
    }

    private static void WriteScore(SortedSet? set, ReadOnlySpan<byte> member, ref ReplyWriter reply)
    {
        if (set != null && set.TryGetScore(member, out var score)) reply.Double(score);
        else reply.Null();
    }

    private static PackLimits Limits(CommandContext context) =>
        new(context.Config.SortedSetMaxListpackEntries, context.Config.SortedSetMaxListpackValueBytes);

    // Reports that members were removed, and removes the key where none is left.
    private static void Removed(CommandContext context, ReadOnlySpan<byte> key, SortedSet set, ReadOnlySpan<byte> eventName, long count)
    {
        context.Modified(key, KeyspaceEventClasses.SortedSet, eventName, count);
        context.RemoveIfEmpty(key, set);
    }

    // Puts the result of a STORE command in the place of whatever the key holds, and replies how many members it has.
    private static void Store(
        CommandContext context, ReadOnlySpan<byte> key, SortedSet result, ReadOnlySpan<byte> eventName, ref ReplyWriter reply)
    {
        var count = result.Count;
        reply.Integer(count);
        if (count > 0)
        {
            context.SetCollection(key, result);
            context.Modified(key, KeyspaceEventClasses.SortedSet, eventName);
            return;
        }

        result.Free();
        if (context.Remove(key, context.Config.LazyFreeServerDel)) context.Modified(key, KeyspaceEventClasses.Generic, "del"u8);
    }

    // Members of a range, with their scores where asked for: one flat array, in RESP3 one of pairs.
    private static void WriteMembers(SortedSet set, RankRange range, bool reverse, bool withScores, ref ReplyWriter reply)
    {
        reply.Array((int)(withScores && !reply.Resp3 ? range.Count * 2 : range.Count));
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var reader = set.Read(range, reverse, scratch);
        while (reader.MoveNext()) WriteMember(reader.Member, withScores ? reader.Score : 0, withScores, ref reply);
    }

    private static void WriteMember(scoped ReadOnlySpan<byte> member, double score, bool withScore, ref ReplyWriter reply)
    {
        if (withScore && reply.Resp3) reply.Array(2);
        reply.Bulk(member);
        if (withScore) reply.Double(score);
    }

    private static CommandRow Row(string name, int arity, CommandFlags flags, CommandHandler handler, params KeySpec[] keys) =>
        new(name, arity, flags, AclCategories.SortedSet, CommandScope.Keys, handler) { Keys = keys, Group = "sorted-set" };
}
