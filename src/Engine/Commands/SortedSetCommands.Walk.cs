using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;
using static OrleansKv.Engine.Commands.CommandFlags;

namespace OrleansKv.Engine.Commands;

// ZSCAN and ZRANDMEMBER.
internal static partial class SortedSetCommands
{
    private static CommandRow[] WalkRows =>
    [
        Row("zscan", -3, ReadOnly, ZScan, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.8.0", Syntax = "ZSCAN key cursor [MATCH pattern] [COUNT count]",
            Summary = "Iterates over members and scores of a sorted set.",
            Complexity = ScanOptions.Complexity,
            Tips = ["nondeterministic_output"],
        },
        Row("zrandmember", -2, ReadOnly, ZRandMember, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZRANDMEMBER key [count [WITHSCORES]]",
            Summary = "Returns one or more random members from a sorted set.",
            Complexity = "O(N) where N is the number of elements returned",
            Tips = ["nondeterministic_output"],
        },
    ];

    // ZSCAN key cursor [MATCH pattern] [COUNT count]
    private static void ZScan(CommandContext context, ref ReplyWriter reply)
    {
        if (!ScanOptions.TryRead<SortedSet>(context, ref reply, out var cursor, out var options, out var set)) return;
        if (set.IsPacked) ScanAll(set, options, ref reply);
        else ScanSome(context, set, cursor, options, ref reply);
    }

    // A small set comes whole, whatever the cursor, with the scores as the listpack holds them.
    private static void ScanAll(SortedSet set, scoped ScanOptions options, ref ReplyWriter reply)
    {
        ScanOptions.WriteCursor(0, ref reply);
        var position = reply.BeginDeferred();
        var count = 0;
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var pack = set.Pack;
        for (var pos = pack.First; pos != 0; pos = pack.Next(pack.Next(pos)))
        {
            var member = pack.Get(pos, scratch);
            if (!options.Matches(member)) continue;
            reply.Bulk(member);
            reply.Bulk(pack.Get(pack.Next(pos), scratch));
            count += 2;
        }

        reply.EndDeferred(position, '*', count);
    }

    private static void ScanSome(CommandContext context, SortedSet set, ulong cursor, scoped ScanOptions options, ref ReplyWriter reply)
    {
        var found = context.Worker.Scratch;
        found.Clear();
        ScanOptions.WriteCursor(options.Walk(set.Table, cursor, found), ref reply);
        var position = reply.BeginDeferred();
        var count = 0;
        foreach (var address in found)
        {
            var (node, score) = SortedSet.MemberAt(address);
            if (!options.Matches(node.Key)) continue;
            WriteScanned(node.Key, score, ref reply);
            count += 2;
        }

        reply.EndDeferred(position, '*', count);
    }

    // Scores of ZSCAN are text in RESP3 too.
    private static void WriteScanned(scoped ReadOnlySpan<byte> member, double score, ref ReplyWriter reply)
    {
        Span<byte> text = stackalloc byte[DoubleFormat.MaxBytes];
        reply.Bulk(member);
        reply.Bulk(text[..DoubleFormat.Format(score, text)]);
    }

    // ZRANDMEMBER key [count [WITHSCORES]]
    private static void ZRandMember(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count == 2)
        {
            RandomMember(context, ref reply);
            return;
        }

        var reader = context.Read(2);
        var count = RandomCount.Read(ref reader);
        var withScores = reader.TryWord("WITHSCORES"u8);
        if (reader.HasMore) reader.Fail(ErrorText.Syntax);
        if (withScores && Math.Abs(count) > long.MaxValue / 2) reader.Fail("ERR value is out of range"u8);
        if (reader.WriteError(ref reply) || !context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) return;
        if (set == null || count == 0)
        {
            reply.EmptyArray();
            return;
        }

        if (!RandomCount.TryLimit(count, set.Count, ref reply, out var length)) return;
        reply.Array(withScores && !reply.Resp3 ? length * 2 : length);
        var random = context.Worker.Random;
        if (count < 0) DrawWithRepeats(random, set, length, withScores, ref reply);
        else if ((long)length * RandomCount.SparseFactor > set.Count) WalkDistinct(random, set, length, withScores, ref reply);
        else DrawDistinct(random, set, length, withScores, ref reply);
    }

    private static void RandomMember(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) return;
        if (set == null) reply.Null();
        else WriteAt(set, context.Worker.Random.NextInt64(set.Count), withScore: false, ref reply);
    }

    private static void DrawWithRepeats(Random random, SortedSet set, int count, bool withScores, ref ReplyWriter reply)
    {
        for (; count > 0; count--) WriteAt(set, random.NextInt64(set.Count), withScores, ref reply);
    }

    // Distinct ranks by Floyd's method: one random number for each, however full the choice is.
    private static void DrawDistinct(Random random, SortedSet set, int count, bool withScores, ref ReplyWriter reply)
    {
        var chosen = new HashSet<long>(count);
        for (var last = set.Count - count; last < set.Count; last++)
        {
            var rank = random.NextInt64(last + 1);
            if (!chosen.Add(rank)) chosen.Add(rank = last);
            WriteAt(set, rank, withScores, ref reply);
        }
    }

    private static void WalkDistinct(Random random, SortedSet set, int count, bool withScores, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var reader = set.Read(new RankRange(0, set.Count), reverse: false, scratch);
        var sampler = new SelectionSampler(random, set.Count, count);
        while (sampler.WantsMore && reader.MoveNext())
            if (sampler.Take()) WriteMember(reader.Member, reader.Score, withScores, ref reply);
    }

    private static void WriteAt(SortedSet set, long rank, bool withScore, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var reader = set.Read(new RankRange(rank, 1), reverse: false, scratch);
        reader.MoveNext();
        WriteMember(reader.Member, reader.Score, withScore, ref reply);
    }
}
