using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;
using static OrleansKv.Engine.Commands.CommandFlags;

namespace OrleansKv.Engine.Commands;

// Unions, intersections and differences, of plain sets too: their members have the score 1.
internal static partial class SortedSetCommands
{
    private static CommandRow[] CombineRows =>
    [
        Row("zunion", -3, ReadOnly | MovableKeys, ZUnion, KeySpec.Counted(1, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]",
            Summary = "Returns the union of multiple sorted sets.",
            Complexity = "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in "
                + "the resulting sorted set.",
        },
        Row("zinter", -3, ReadOnly | MovableKeys, ZInter, KeySpec.Counted(1, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]",
            Summary = "Returns the intersect of multiple sorted sets.",
            Complexity = "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets "
                + "and M being the number of elements in the resulting sorted set.",
        },
        Row("zdiff", -3, ReadOnly | MovableKeys, ZDiff, KeySpec.Counted(1, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZDIFF numkeys key [key ...] [WITHSCORES]",
            Summary = "Returns the difference between multiple sorted sets.",
            Complexity = "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first "
                + "set, and K is the size of the result set.",
        },
        Row("zunionstore", -4, Write | DenyOom | MovableKeys, ZUnionStore, KeySpec.At(1, "OW UPDATE"), KeySpec.Counted(2, "RO ACCESS")) with
        {
            Since = "2.0.0", Syntax = "ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]",
            Summary = "Stores the union of multiple sorted sets in a key.",
            Complexity = "O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in "
                + "the resulting sorted set.",
        },
        Row("zinterstore", -4, Write | DenyOom | MovableKeys, ZInterStore, KeySpec.At(1, "OW UPDATE"), KeySpec.Counted(2, "RO ACCESS")) with
        {
            Since = "2.0.0", Syntax = "ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]",
            Summary = "Stores the intersect of multiple sorted sets in a key.",
            Complexity = "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets "
                + "and M being the number of elements in the resulting sorted set.",
        },
        Row("zdiffstore", -4, Write | DenyOom | MovableKeys, ZDiffStore, KeySpec.At(1, "OW UPDATE"), KeySpec.Counted(2, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZDIFFSTORE destination numkeys key [key ...]",
            Summary = "Stores the difference of multiple sorted sets in a key.",
            Complexity = "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first "
                + "set, and K is the size of the result set.",
        },
        Row("zintercard", -3, ReadOnly | MovableKeys, ZInterCard, KeySpec.Counted(1, "RO ACCESS")) with
        {
            Since = "7.0.0", Syntax = "ZINTERCARD numkeys key [key ...] [LIMIT limit]",
            Summary = "Returns the number of members of the intersect of multiple sorted sets.",
            Complexity = "O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
        },
    ];

    // ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
    private static void ZUnion(CommandContext context, ref ReplyWriter reply) => Combine(context, SetOperation.Union, ref reply);

    // ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
    private static void ZInter(CommandContext context, ref ReplyWriter reply) => Combine(context, SetOperation.Inter, ref reply);

    // ZDIFF numkeys key [key ...] [WITHSCORES]
    private static void ZDiff(CommandContext context, ref ReplyWriter reply) => Combine(context, SetOperation.Diff, ref reply);

    // ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]
    private static void ZUnionStore(CommandContext context, ref ReplyWriter reply) =>
        CombineAndStore(context, SetOperation.Union, "zunionstore"u8, ref reply);

    // ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]
    private static void ZInterStore(CommandContext context, ref ReplyWriter reply) =>
        CombineAndStore(context, SetOperation.Inter, "zinterstore"u8, ref reply);

    // ZDIFFSTORE destination numkeys key [key ...]
    private static void ZDiffStore(CommandContext context, ref ReplyWriter reply) =>
        CombineAndStore(context, SetOperation.Diff, "zdiffstore"u8, ref reply);

    // ZINTERCARD numkeys key [key ...] [LIMIT limit]
    private static void ZInterCard(CommandContext context, ref ReplyWriter reply)
    {
        var query = new CombineQuery(SetOperation.InterCard, stores: false);
        if (query.TryParse(context, 1, ref reply)) reply.Integer(SortedSetMerge.CountInter(query.Sources, query.Limit));
    }

    private static void Combine(CommandContext context, SetOperation operation, ref ReplyWriter reply)
    {
        var query = new CombineQuery(operation, stores: false);
        if (!query.TryParse(context, 1, ref reply)) return;
        var result = query.Run();
        WriteMembers(result, new RankRange(0, result.Count), reverse: false, query.WithScores, ref reply);
        context.Store.Free(result, context.Config.LazyFreeServerDel);
    }

    private static void CombineAndStore(
        CommandContext context, SetOperation operation, ReadOnlySpan<byte> eventName, ref ReplyWriter reply)
    {
        var query = new CombineQuery(operation, stores: true);
        if (!query.TryParse(context, 2, ref reply)) return;
        var result = query.Run();
        result.PackIfSmall(Limits(context));
        Store(context, context.Args[1], result, eventName, ref reply);
    }

    /// <summary>What is made of several sets.</summary>
    private enum SetOperation
    {
        Union,
        Inter,
        Diff,

        /// <summary>Only how many members the intersection has.</summary>
        InterCard,
    }

    /// <summary>Several keys with weights, and how they are combined.</summary>
    private struct CombineQuery(SetOperation operation, bool stores)
    {
        private Aggregate _aggregate;

        public WeightedSet[] Sources { get; private set; } = [];

        public bool WithScores { get; private set; }

        /// <summary>Where counting may stop; 0 is nowhere.</summary>
        public long Limit { get; private set; }

        /// <summary>Reads the number of keys at <paramref name="countAt"/>, the keys and the options; false after an error was written.</summary>
        public bool TryParse(CommandContext context, int countAt, ref ReplyWriter reply)
        {
            var reader = context.Read(countAt);
            var count = reader.NextInteger();
            if (!reader.Failed && count < 1)
            {
                reply.Error($"ERR at least 1 input key is needed for '{context.Row.FullName}' command");
                return false;
            }

            if (count > reader.Remaining) reader.Fail(ErrorText.Syntax);
            if (reader.WriteError(ref reply) || !TryFindSources(context, ref reader, (int)count, ref reply)) return false;
            while (reader.HasMore)
                if (!TryOption(ref reader)) reader.Fail(ErrorText.Syntax);
            return !reader.WriteError(ref reply);
        }

        /// <summary>The result: a set that belongs to no key.</summary>
        public readonly SortedSet Run() => SortedSet.Of(operation switch
        {
            SetOperation.Union => SortedSetMerge.Union(Sources, _aggregate),
            SetOperation.Inter => SortedSetMerge.Inter(Sources, _aggregate),
            _ => SortedSetMerge.Diff(Sources),
        });

        private bool TryFindSources(CommandContext context, ref ArgumentReader reader, int count, ref ReplyWriter reply)
        {
            Sources = new WeightedSet[count];
            for (var i = 0; i < count; i++)
            {
                var entry = context.FindForRead(reader.Next());
                if (!entry.IsNull && entry.Type is not (KeyType.SortedSet or KeyType.Set))
                {
                    reply.Error(ErrorText.WrongType);
                    return false;
                }

                Sources[i] = new WeightedSet(entry.IsNull ? null : context.CollectionOf(entry), 1);
            }

            return true;
        }

        private bool TryOption(ref ArgumentReader reader)
        {
            if (operation is SetOperation.Union or SetOperation.Inter && reader.Remaining > Sources.Length && reader.TryWord("WEIGHTS"u8))
            {
                foreach (ref var source in Sources.AsSpan())
                    source = source with { Weight = reader.NextDouble("ERR weight value is not a float"u8) };
            }
            else if (operation is SetOperation.Union or SetOperation.Inter && reader.Remaining > 1 && reader.TryWord("AGGREGATE"u8))
            {
                if (reader.TryWord("SUM"u8)) _aggregate = Aggregate.Sum;
                else if (reader.TryWord("MIN"u8)) _aggregate = Aggregate.Min;
                else if (reader.TryWord("MAX"u8)) _aggregate = Aggregate.Max;
                else return false;
            }
            else if (!stores && operation != SetOperation.InterCard && reader.TryWord("WITHSCORES"u8))
            {
                WithScores = true;
            }
            else if (operation == SetOperation.InterCard && reader.Remaining > 1 && reader.TryWord("LIMIT"u8))
            {
                Limit = reader.NextInteger(0, long.MaxValue, "ERR LIMIT can't be negative"u8);
            }
            else
            {
                return false;
            }

            return true;
        }
    }
}
