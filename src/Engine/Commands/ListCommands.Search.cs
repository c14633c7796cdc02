using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>LPOS.</summary>
internal static partial class ListCommands
{
    private static ReadOnlySpan<byte> RankIsZero =>
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"u8;

    // LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
    private static void LPos(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(3);
        var search = new PositionSearch { Rank = 1, Count = -1 };
        while (reader.HasMore)
        {
            if (reader.TryWord("RANK"u8))
            {
                search.Rank = reader.NextInteger();
                if (search.Rank == 0) reader.Fail(RankIsZero);
            }
            else if (reader.TryWord("COUNT"u8))
            {
                search.Count = reader.NextInteger(0, long.MaxValue, "ERR COUNT can't be negative"u8);
            }
            else if (reader.TryWord("MAXLEN"u8))
            {
                search.MaxLength = reader.NextInteger(0, long.MaxValue, "ERR MAXLEN can't be negative"u8);
            }
            else
            {
                reader.Fail(ErrorText.Syntax);
            }
        }

        if (reader.WriteError(ref reply)) return;
        if (!context.TryRead<ListValue>(context.Args[1], ref reply, out var list)) return;
        if (search.Count >= 0) WritePositions(list, context.Args[2], search, ref reply);
        else WritePosition(list, context.Args[2], search, ref reply);
    }

    private static void WritePosition(ListValue? list, ReadOnlySpan<byte> element, PositionSearch search, ref ReplyWriter reply)
    {
        if (list != null)
        {
            var cursor = search.Begin(list);
            if (search.Next(list, ref cursor, new ListPackNeedle(element)))
            {
                reply.Integer(cursor.Index);
                list.Leave(cursor);
                return;
            }

            list.Leave(cursor);
        }

        reply.Null();
    }

    private static void WritePositions(ListValue? list, ReadOnlySpan<byte> element, PositionSearch search, ref ReplyWriter reply)
    {
        if (list == null)
        {
            reply.EmptyArray();
            return;
        }

        var needle = new ListPackNeedle(element);
        var array = reply.BeginDeferred();
        var found = 0;
        var cursor = search.Begin(list);
        for (; search.Next(list, ref cursor, needle); list.Step(ref cursor, search.Backwards))
        {
            reply.Integer(cursor.Index);
            if (++found == search.Count) break;
        }

        list.Leave(cursor);

        reply.EndDeferred(array, '*', found);
    }

    // What LPOS looks for, and how far it has come.
    private struct PositionSearch
    {
        private long _toSkip;
        private long _toCompare;

        public long Rank;
        public long Count;
        public long MaxLength;

        public readonly bool Backwards => Rank < 0;

        public ListCursor Begin(ListValue list)
        {
            // The least rank has no absolute value; Redis then counts every match.
            _toSkip = Rank == long.MinValue ? 0 : Math.Abs(Rank) - 1;
            _toCompare = MaxLength == 0 ? list.Count : Math.Min(MaxLength, list.Count);
            return list.Start(Backwards);
        }

        // The next match that counts, the cursor's element included.
        public bool Next(ListValue list, ref ListCursor cursor, in ListPackNeedle needle)
        {
            while (list.Find(ref cursor, needle, Backwards, ref _toCompare))
            {
                if (_toSkip-- <= 0) return true;
                list.Step(ref cursor, Backwards);
            }

            return false;
        }
    }
}
