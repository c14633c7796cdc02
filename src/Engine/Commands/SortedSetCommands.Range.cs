using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;
using static OrleansKv.Engine.Commands.CommandFlags;

namespace OrleansKv.Engine.Commands;

// Ranges by index, score and name: read, counted, stored and removed.
internal static partial class SortedSetCommands
{
    private static CommandRow[] RangeRows =>
    [
        Row("zrange", -4, ReadOnly, ZRange, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "1.2.0", Syntax = "ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
            Summary = "Returns members in a sorted set within a range of indexes.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.",
        },
        Row("zrevrange", -4, ReadOnly, ZRevRange, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "1.2.0", Syntax = "ZREVRANGE key start stop [WITHSCORES]",
            Summary = "Returns members in a sorted set within a range of indexes in reverse order.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.",
            DeprecatedSince = "6.2.0", ReplacedBy = "`ZRANGE` with the `REV` argument",
        },
        Row("zrangebyscore", -4, ReadOnly, ZRangeByScore, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "1.0.5", Syntax = "ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]",
            Summary = "Returns members in a sorted set within a range of scores.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M "
                + "is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
            DeprecatedSince = "6.2.0", ReplacedBy = "`ZRANGE` with the `BYSCORE` argument",
        },
        Row("zrevrangebyscore", -4, ReadOnly, ZRevRangeByScore, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.2.0", Syntax = "ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]",
            Summary = "Returns members in a sorted set within a range of scores in reverse order.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M "
                + "is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
            DeprecatedSince = "6.2.0", ReplacedBy = "`ZRANGE` with the `REV` and `BYSCORE` arguments",
        },
        Row("zrangebylex", -4, ReadOnly, ZRangeByLex, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.8.9", Syntax = "ZRANGEBYLEX key min max [LIMIT offset count]",
            Summary = "Returns members in a sorted set within a lexicographical range.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M "
                + "is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
            DeprecatedSince = "6.2.0", ReplacedBy = "`ZRANGE` with the `BYLEX` argument",
        },
        Row("zrevrangebylex", -4, ReadOnly, ZRevRangeByLex, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.8.9", Syntax = "ZREVRANGEBYLEX key max min [LIMIT offset count]",
            Summary = "Returns members in a sorted set within a lexicographical range in reverse order.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M "
                + "is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).",
            DeprecatedSince = "6.2.0", ReplacedBy = "`ZRANGE` with the `REV` and `BYLEX` arguments",
        },
        Row("zrangestore", -5, Write | DenyOom, ZRangeStore, KeySpec.At(1, "OW UPDATE"), KeySpec.At(2, "RO ACCESS")) with
        {
            Since = "6.2.0", Syntax = "ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count]",
            Summary = "Stores a range of members from sorted set in a key.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the "
                + "destination key.",
        },
        Row("zcount", 4, ReadOnly | Fast, ZCount, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.0.0", Syntax = "ZCOUNT key min max",
            Summary = "Returns the count of members in a sorted set that have scores within a range.",
            Complexity = "O(log(N)) with N being the number of elements in the sorted set.",
        },
        Row("zlexcount", 4, ReadOnly | Fast, ZLexCount, KeySpec.At(1, "RO ACCESS")) with
        {
            Since = "2.8.9", Syntax = "ZLEXCOUNT key min max",
            Summary = "Returns the number of members in a sorted set within a lexicographical range.",
            Complexity = "O(log(N)) with N being the number of elements in the sorted set.",
        },
        Row("zremrangebyrank", 4, Write, ZRemRangeByRank, KeySpec.At(1, "RW DELETE")) with
        {
            Since = "2.0.0", Syntax = "ZREMRANGEBYRANK key start stop",
            Summary = "Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the "
                + "operation.",
        },
        Row("zremrangebyscore", 4, Write, ZRemRangeByScore, KeySpec.At(1, "RW DELETE")) with
        {
            Since = "1.2.0", Syntax = "ZREMRANGEBYSCORE key min max",
            Summary = "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the "
                + "operation.",
        },
        Row("zremrangebylex", 4, Write, ZRemRangeByLex, KeySpec.At(1, "RW DELETE")) with
        {
            Since = "2.8.9", Syntax = "ZREMRANGEBYLEX key min max",
            Summary = "Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed.",
            Complexity = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the "
                + "operation.",
        },
    ];

    /// <summary>What the bounds of a range are.</summary>
    private enum RangeBy
    {
        /// <summary>Not said yet: indexes, unless an option says otherwise.</summary>
        Open,

        Index,
        Score,
        Name,
    }

    // ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
    private static void ZRange(CommandContext context, ref ReplyWriter reply) => Read(context, RangeBy.Open, reverse: false, ref reply);

    // ZREVRANGE key start stop [WITHSCORES]
    private static void ZRevRange(CommandContext context, ref ReplyWriter reply) => Read(context, RangeBy.Index, reverse: true, ref reply);

    // ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]
    private static void ZRangeByScore(CommandContext context, ref ReplyWriter reply) =>
        Read(context, RangeBy.Score, reverse: false, ref reply);

    // ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]
    private static void ZRevRangeByScore(CommandContext context, ref ReplyWriter reply) =>
        Read(context, RangeBy.Score, reverse: true, ref reply);

    // ZRANGEBYLEX key min max [LIMIT offset count]
    private static void ZRangeByLex(CommandContext context, ref ReplyWriter reply) => Read(context, RangeBy.Name, reverse: false, ref reply);

    // ZREVRANGEBYLEX key max min [LIMIT offset count]
    private static void ZRevRangeByLex(CommandContext context, ref ReplyWriter reply) => Read(context, RangeBy.Name, reverse: true, ref reply);

    // ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count]
    private static void ZRangeStore(CommandContext context, ref ReplyWriter reply)
    {
        var query = new RangeQuery(3, RangeBy.Open, reverse: false);
        if (!query.TryParse(context, mayHaveScores: false, ref reply)) return;
        if (!context.TryRead<SortedSet>(context.Args[2], ref reply, out var set)) return;
        var limits = Limits(context);
        var result = set == null ? new SortedSet(limits) : set.CopyRange(query.Find(set), limits);
        Store(context, context.Args[1], result, "zrangestore"u8, ref reply);
    }

    // ZCOUNT key min max
    private static void ZCount(CommandContext context, ref ReplyWriter reply) => Count(context, RangeBy.Score, ref reply);

    // ZLEXCOUNT key min max
    private static void ZLexCount(CommandContext context, ref ReplyWriter reply) => Count(context, RangeBy.Name, ref reply);

    // ZREMRANGEBYRANK key start stop
    private static void ZRemRangeByRank(CommandContext context, ref ReplyWriter reply) =>
        RemoveRange(context, RangeBy.Index, "zremrangebyrank"u8, ref reply);

    // ZREMRANGEBYSCORE key min max
    private static void ZRemRangeByScore(CommandContext context, ref ReplyWriter reply) =>
        RemoveRange(context, RangeBy.Score, "zremrangebyscore"u8, ref reply);

    // ZREMRANGEBYLEX key min max
    private static void ZRemRangeByLex(CommandContext context, ref ReplyWriter reply) =>
        RemoveRange(context, RangeBy.Name, "zremrangebylex"u8, ref reply);

    private static void Read(CommandContext context, RangeBy by, bool reverse, ref ReplyWriter reply)
    {
        var query = new RangeQuery(2, by, reverse);
        if (!query.TryParse(context, mayHaveScores: true, ref reply)) return;
        if (!context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) return;
        if (set == null) reply.EmptyArray();
        else WriteMembers(set, query.Find(set), query.IsReverse, query.WithScores, ref reply);
    }

    private static void Count(CommandContext context, RangeBy by, ref ReplyWriter reply)
    {
        var query = new RangeQuery(2, by, reverse: false);
        if (!query.TryParse(context, mayHaveScores: false, ref reply)) return;
        if (context.TryRead<SortedSet>(context.Args[1], ref reply, out var set)) reply.Integer(set == null ? 0 : query.Find(set).Count);
    }

    private static void RemoveRange(CommandContext context, RangeBy by, ReadOnlySpan<byte> eventName, ref ReplyWriter reply)
    {
        var query = new RangeQuery(2, by, reverse: false);
        if (!query.TryParse(context, mayHaveScores: false, ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<SortedSet>(key, ref reply, out var set)) return;
        var range = set == null ? default : query.Find(set);
        if (range.Count > 0)
        {
            set!.RemoveRange(range);
            Removed(context, key, set, eventName, range.Count);
        }

        reply.Integer(range.Count);
    }

    /// <summary>A range as arguments ask for it: bounds, then options.</summary>
    private ref struct RangeQuery(int boundsAt, RangeBy by, bool reverse)
    {
        private readonly bool _mayChooseReverse = by == RangeBy.Open;
        private RangeBy _by = by;
        private long _offset;
        private long _count = -1;
        private long _first;
        private long _last;
        private ScoreRange _scores;
        private LexRange _names;

        public bool IsReverse { get; private set; } = reverse;

        public bool WithScores { get; private set; }

        /// <summary>Reads bounds and options; false after an error was written.</summary>
        public bool TryParse(CommandContext context, bool mayHaveScores, ref ReplyWriter reply)
        {
            var reader = context.Read(boundsAt + 2);
            while (reader.HasMore)
                if (!TryOption(ref reader, mayHaveScores)) reader.Fail(ErrorText.Syntax);
            if (_by == RangeBy.Open) _by = RangeBy.Index;
            if (_count != -1 && _by == RangeBy.Index)
                reader.Fail("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"u8);
            if (WithScores && _by == RangeBy.Name) reader.Fail("ERR syntax error, WITHSCORES not supported in combination with BYLEX"u8);
            if (!reader.Failed) ReadBounds(context, ref reader);
            return !reader.WriteError(ref reply);
        }

        /// <summary>The ranks that the range has in <paramref name="set"/>.</summary>
        public readonly RankRange Find(SortedSet set)
        {
            if (_by == RangeBy.Index)
            {
                var range = RankRange.Of(_first, _last, set.Count);
                return IsReverse ? range.Mirror(set.Count) : range;
            }

            var found = _by == RangeBy.Score ? set.RangeOf(_scores) : set.RangeOf(_names);
            return found.Limit(_offset, _count, IsReverse);
        }

        private bool TryOption(ref ArgumentReader reader, bool mayHaveScores)
        {
            if (mayHaveScores && reader.TryWord("WITHSCORES"u8))
            {
                WithScores = true;
            }
            else if (reader.Remaining > 2 && reader.TryWord("LIMIT"u8))
            {
                _offset = reader.NextInteger();
                _count = reader.NextInteger();
            }
            else if (_mayChooseReverse && reader.TryWord("REV"u8))
            {
                IsReverse = true;
            }
            else if (_by == RangeBy.Open && reader.TryWord("BYLEX"u8))
            {
                _by = RangeBy.Name;
            }
            else if (_by == RangeBy.Open && reader.TryWord("BYSCORE"u8))
            {
                _by = RangeBy.Score;
            }
            else
            {
                return false;
            }

            return true;
        }

        // In reverse the bounds of scores and names come the other way round, those of indexes do not.
        private void ReadBounds(CommandContext context, ref ArgumentReader reader)
        {
            var swaps = IsReverse && _by != RangeBy.Index;
            var min = context.Args[swaps ? boundsAt + 1 : boundsAt];
            var max = context.Args[swaps ? boundsAt : boundsAt + 1];
            switch (_by)
            {
                case RangeBy.Score:
                    if (!ScoreRange.TryParse(min, max, out _scores)) reader.Fail(ErrorText.MinMaxNotFloat);
                    break;
                case RangeBy.Name:
                    if (!LexRange.TryParse(min, max, out _names)) reader.Fail(ErrorText.MinMaxNotString);
                    break;
                default:
                    if (!NumberText.TryParseInteger(min, out _first) || !NumberText.TryParseInteger(max, out _last))
                        reader.Fail(ErrorText.NotInteger);
                    break;
            }
        }
    }
}
