using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>
/// Lists. The rows are in ListCommands.Rows.cs; here is what works on elements at the ends and by index, in ListCommands.Search.cs LPOS, in
/// ListCommands.Move.cs what takes from one of several keys, moves between keys, or waits.
/// </summary>
internal static partial class ListCommands
{
    // LPUSH key element [element ...]
    private static void LPush(CommandContext context, ref ReplyWriter reply) => Push(context, ref reply, atHead: true);

    // RPUSH key element [element ...]
    private static void RPush(CommandContext context, ref ReplyWriter reply) => Push(context, ref reply, atHead: false);

    // LPUSHX key element [element ...]
    private static void LPushX(CommandContext context, ref ReplyWriter reply) => Push(context, ref reply, atHead: true, onlyIfThere: true);

    // RPUSHX key element [element ...]
    private static void RPushX(CommandContext context, ref ReplyWriter reply) => Push(context, ref reply, atHead: false, onlyIfThere: true);

    private static void Push(CommandContext context, ref ReplyWriter reply, bool atHead, bool onlyIfThere = false)
    {
        var args = context.Args;
        var key = args[1];
        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        if (list == null)
        {
            if (onlyIfThere)
            {
                reply.Integer(0);
                return;
            }

            list = NewList(context);
            context.Add(key, list);
        }

        for (var i = 2; i < args.Count; i++) list.Push(args[i], atHead);
        context.Modified(key, KeyspaceEventClasses.List, atHead ? "lpush"u8 : "rpush"u8, args.Count - 2);
        reply.Integer(list.Count);
    }

    private static ListValue NewList(CommandContext context) => new(context.Config.ListMaxListpackSize, context.Config.ListCompressDepth);

    // LPOP key [count]
    private static void LPop(CommandContext context, ref ReplyWriter reply) => Pop(context, ref reply, atHead: true);

    // RPOP key [count]
    private static void RPop(CommandContext context, ref ReplyWriter reply) => Pop(context, ref reply, atHead: false);

    private static void Pop(CommandContext context, ref ReplyWriter reply, bool atHead)
    {
        var args = context.Args;
        var key = args[1];
        if (args.Count > 2)
        {
            PopCount(context, ref reply, atHead);
            return;
        }

        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        if (list == null)
        {
            reply.Null();
            return;
        }

        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        reply.Bulk(list.Peek(atHead, scratch));
        list.RemoveEnd(atHead);
        Popped(context, key, list, atHead, 1);
    }

    private static void PopCount(CommandContext context, ref ReplyWriter reply, bool atHead)
    {
        if (context.Args.Count > 3)
        {
            reply.Error(ErrorText.WrongArity(context.Row.FullName));
            return;
        }

        var reader = context.Read(2);
        var count = reader.NextInteger(0, long.MaxValue, ErrorText.MustBePositive);
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        if (list == null) reply.NullArray();
        else if (count == 0) reply.EmptyArray();
        else PopRange(context, key, list, atHead, count, ref reply);
    }

    // Replies up to count elements from one end, at least one, and takes them away.
    private static void PopRange(
        CommandContext context, ReadOnlySpan<byte> key, ListValue list, bool atHead, long count, ref ReplyWriter reply)
    {
        count = Math.Min(count, list.Count);
        reply.Array((int)count);
        list.WriteRange(ref reply, atHead ? 0 : list.Count - 1, count, backwards: !atHead);
        list.RemoveRange(atHead ? 0 : list.Count - count, count);
        Popped(context, key, list, atHead, count);
    }

    private static void Popped(CommandContext context, ReadOnlySpan<byte> key, ListValue list, bool atHead, long count)
    {
        context.Modified(key, KeyspaceEventClasses.List, atHead ? "lpop"u8 : "rpop"u8, count);
        context.RemoveIfEmpty(key, list);
    }

    // LLEN key
    private static void LLen(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<ListValue>(context.Args[1], ref reply, out var list)) return;
        reply.Integer(list?.Count ?? 0);
    }

    // LINDEX key index
    private static void LIndex(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<ListValue>(context.Args[1], ref reply, out var list)) return;
        if (list == null)
        {
            reply.Null();
            return;
        }

        var reader = context.Read(2);
        var index = reader.NextInteger();
        if (reader.WriteError(ref reply)) return;
        if (index < 0) index += list.Count;
        if (index < 0 || index >= list.Count)
        {
            reply.Null();
            return;
        }

        list.WriteRange(ref reply, index, 1, backwards: false);
    }

    // LRANGE key start stop
    private static void LRange(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var start = reader.NextInteger();
        var stop = reader.NextInteger();
        if (reader.WriteError(ref reply)) return;
        if (!context.TryRead<ListValue>(context.Args[1], ref reply, out var list)) return;
        var count = list == null ? 0 : Clamp(list.Count, ref start, stop);
        reply.Array((int)count);
        if (count > 0) list!.WriteRange(ref reply, start, count, backwards: false);
    }

    // LSET key index element
    private static void LSet(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        if (list == null)
        {
            reply.Error(ErrorText.NoSuchKey);
            return;
        }

        var reader = context.Read(2);
        var index = reader.NextInteger();
        if (reader.WriteError(ref reply)) return;
        if (index < 0) index += list.Count;
        if (index < 0 || index >= list.Count)
        {
            reply.Error(ErrorText.OutOfRange);
            return;
        }

        list.Set(index, context.Args[3]);
        context.Modified(key, KeyspaceEventClasses.List, "lset"u8);
        reply.Ok();
    }

    // LINSERT key <BEFORE | AFTER> pivot element
    private static void LInsert(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var after = reader.TryWord("AFTER"u8);
        if (!after && !reader.TryWord("BEFORE"u8)) reader.Fail(ErrorText.Syntax);
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        if (list == null)
        {
            reply.Integer(0);
            return;
        }

        var pivot = list.Start(backwards: false);
        var toCompare = list.Count;
        if (!list.Find(ref pivot, new ListPackNeedle(context.Args[3]), backwards: false, ref toCompare))
        {
            reply.Integer(-1);
            return;
        }

        list.Insert(pivot, context.Args[4], after);
        context.Modified(key, KeyspaceEventClasses.List, "linsert"u8);
        reply.Integer(list.Count);
    }

    // LREM key count element
    private static void LRem(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var count = reader.NextInteger();
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        var limit = count == long.MinValue ? long.MaxValue : Math.Abs(count);
        var removed = list?.RemoveAll(context.Args[3], backwards: count < 0, limit) ?? 0;
        if (removed > 0)
        {
            context.Modified(key, KeyspaceEventClasses.List, "lrem"u8, removed);
            context.RemoveIfEmpty(key, list!);
        }

        reply.Integer(removed);
    }

    // LTRIM key start stop
    private static void LTrim(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var start = reader.NextInteger();
        var stop = reader.NextInteger();
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<ListValue>(key, ref reply, out var list)) return;
        if (list != null)
        {
            var before = list.Count;
            var kept = Clamp(before, ref start, stop);
            if (kept == 0) start = before;
            list.RemoveRange(start + kept, before - start - kept);
            list.RemoveRange(0, start);
            context.Modified(key, KeyspaceEventClasses.List, "ltrim"u8, before - kept);
            context.RemoveIfEmpty(key, list);
        }

        reply.Ok();
    }

    // Elements between two indices, negative ones counted from the end; start becomes the first one's index.
    private static long Clamp(long length, ref long start, long stop)
    {
        if (start < 0) start = Math.Max(start + length, 0);
        if (stop < 0) stop += length;
        stop = Math.Min(stop, length - 1);
        return start > stop ? 0 : stop - start + 1;
    }
}
