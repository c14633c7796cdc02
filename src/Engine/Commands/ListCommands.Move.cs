using System.Buffers;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Taking from the first of several lists, moving from one list to another, and waiting for elements.</summary>
internal static partial class ListCommands
{
    private const int StackBytes = 512;

    // LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>
    private static void LMove(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(3);
        var fromHead = NextSide(ref reader);
        var toHead = NextSide(ref reader);
        if (reader.WriteError(ref reply)) return;
        if (Move(context, fromHead, toHead, ref reply) == MoveResult.NoSource) reply.Null();
    }

    // RPOPLPUSH source destination
    private static void RPopLPush(CommandContext context, ref ReplyWriter reply)
    {
        if (Move(context, fromHead: false, toHead: true, ref reply) == MoveResult.NoSource) reply.Null();
    }

    // LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]
    private static void LMPop(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(1);
        var (keyCount, atHead, count) = ReadMultiPop(ref reader);
        if (reader.WriteError(ref reply)) return;
        if (!context.TryFirst<ListValue>(2, 1 + keyCount, ref reply, out var keyAt, out var list)) return;
        if (list == null) reply.NullArray();
        else PopWithKey(context, context.Args[keyAt], list, atHead, count, ref reply);
    }

    // BLPOP key [key ...] timeout
    private static void BLPop(CommandContext context, ref ReplyWriter reply) => BlockingPop(context, ref reply, atHead: true);

    // BRPOP key [key ...] timeout
    private static void BRPop(CommandContext context, ref ReplyWriter reply) => BlockingPop(context, ref reply, atHead: false);

    private static void BlockingPop(CommandContext context, ref ReplyWriter reply, bool atHead)
    {
        var args = context.Args;
        var lastKey = args.Count - 2;
        var reader = context.Read(args.Count - 1);
        var timeoutMs = reader.NextTimeoutMs();
        if (reader.WriteError(ref reply)) return;
        if (!context.TryFirst<ListValue>(1, lastKey, ref reply, out var keyAt, out var list)) return;
        if (list == null)
        {
            context.Block(context.CopyKeys(1, lastKey), timeoutMs, ref reply, NothingReply.NullArray);
            return;
        }

        var key = args[keyAt];
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        reply.Array(2);
        reply.Bulk(key);
        reply.Bulk(list.Peek(atHead, scratch));
        list.RemoveEnd(atHead);
        context.Effects.Add(PopName(atHead), key);
        Popped(context, key, list, atHead, 1);
    }

    // BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout
    private static void BLMove(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(3);
        var fromHead = NextSide(ref reader);
        var toHead = NextSide(ref reader);
        var timeoutMs = reader.NextTimeoutMs();
        if (reader.WriteError(ref reply)) return;
        BlockingMove(context, fromHead, toHead, timeoutMs, ref reply);
    }

    // BRPOPLPUSH source destination timeout
    private static void BRPopLPush(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(3);
        var timeoutMs = reader.NextTimeoutMs();
        if (reader.WriteError(ref reply)) return;
        BlockingMove(context, fromHead: false, toHead: true, timeoutMs, ref reply);
    }

    // BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]
    private static void BLMPop(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(2);
        var (keyCount, atHead, count) = ReadMultiPop(ref reader);
        if (reader.WriteError(ref reply)) return;
        var timeoutReader = context.Read(1);
        var timeoutMs = timeoutReader.NextTimeoutMs();
        if (timeoutReader.WriteError(ref reply)) return;
        var lastKey = 2 + keyCount;
        if (!context.TryFirst<ListValue>(3, lastKey, ref reply, out var keyAt, out var list)) return;
        if (list == null) context.Block(context.CopyKeys(3, lastKey), timeoutMs, ref reply, NothingReply.NullArray);
        else PopWithKey(context, context.Args[keyAt], list, atHead, count, ref reply);
    }

    private static void BlockingMove(CommandContext context, bool fromHead, bool toHead, long timeoutMs, ref ReplyWriter reply)
    {
        if (Move(context, fromHead, toHead, ref reply) == MoveResult.NoSource)
            context.Block(context.CopyKeys(1, 1), timeoutMs, ref reply, NothingReply.Null);
    }

    // Moves an element from the list at argument 1 to the one at argument 2 and replies it.
    private static MoveResult Move(CommandContext context, bool fromHead, bool toHead, ref ReplyWriter reply)
    {
        if (!context.TryFirst<ListValue>(1, 1, ref reply, out _, out var source)) return MoveResult.Failed;
        if (source == null) return MoveResult.NoSource;
        var from = context.Args[1];
        var to = context.Args[2];
        if (!context.TryWrite<ListValue>(to, ref reply, out var destination)) return MoveResult.Failed;
        if (destination == null)
        {
            destination = NewList(context);
            context.Add(to, destination);
        }

        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var element = source.Peek(fromHead, scratch);
        reply.Bulk(element);
        AddMoveEffects(context, element, fromHead, toHead);
        if (source == destination) Rotate(source, element, fromHead, toHead);
        else PushAndRemove(source, destination, element, fromHead, toHead);
        context.Modified(to, KeyspaceEventClasses.List, toHead ? "lpush"u8 : "rpush"u8, 0);
        Popped(context, from, source, fromHead, 1);
        return MoveResult.Moved;
    }

    // The slots of two lists may be followed apart from each other.
    private static void AddMoveEffects(CommandContext context, ReadOnlySpan<byte> element, bool fromHead, bool toHead)
    {
        var from = context.Args[1];
        var to = context.Args[2];
        if (context.SlotOf(from) == context.SlotOf(to))
        {
            context.Effects.Add("LMOVE"u8, from, to, SideName(fromHead), SideName(toHead));
            return;
        }

        context.Effects.Add(PopName(fromHead), from);
        context.Effects.Add(toHead ? "LPUSH"u8 : "RPUSH"u8, to, element);
    }

    private static ReadOnlySpan<byte> PopName(bool atHead) => atHead ? "LPOP"u8 : "RPOP"u8;

    private static ReadOnlySpan<byte> SideName(bool isHead) => isHead ? "LEFT"u8 : "RIGHT"u8;

    private static void PushAndRemove(ListValue source, ListValue destination, ReadOnlySpan<byte> element, bool fromHead, bool toHead)
    {
        destination.Push(element, toHead);
        source.RemoveEnd(fromHead);
    }

    // Within one list the element has to be copied, since pushing may move the chunk that it lies in.
    private static void Rotate(ListValue list, ReadOnlySpan<byte> element, bool fromHead, bool toHead)
    {
        if (fromHead == toHead) return;
        byte[]? rented = null;
        var copy = element.Length <= StackBytes ? stackalloc byte[StackBytes] : rented = ArrayPool<byte>.Shared.Rent(element.Length);
        copy = copy[..element.Length];
        element.CopyTo(copy);
        list.Push(copy, toHead);
        list.RemoveEnd(fromHead);
        if (rented != null) ArrayPool<byte>.Shared.Return(rented);
    }

    private static void PopWithKey(
        CommandContext context, ReadOnlySpan<byte> key, ListValue list, bool atHead, long count, ref ReplyWriter reply)
    {
        reply.Array(2);
        reply.Bulk(key);
        context.Effects.Add(PopName(atHead), key, Math.Min(count, list.Count));
        PopRange(context, key, list, atHead, count, ref reply);
    }

    // From the number of keys on; the keys themselves are stepped over.
    private static (int KeyCount, bool AtHead, long Count) ReadMultiPop(ref ArgumentReader reader)
    {
        var keyCount = reader.NextInteger(1, long.MaxValue, "ERR numkeys should be greater than 0"u8);
        if (keyCount >= reader.Remaining) reader.Fail(ErrorText.Syntax);
        for (var i = 0; i < keyCount && !reader.Failed; i++) reader.Next();
        var atHead = NextSide(ref reader);
        long count = 1;
        if (reader.TryWord("COUNT"u8)) count = reader.NextInteger(1, long.MaxValue, "ERR count should be greater than 0"u8);
        if (reader.HasMore) reader.Fail(ErrorText.Syntax);
        return ((int)keyCount, atHead, count);
    }

    // True for LEFT.
    private static bool NextSide(ref ArgumentReader reader)
    {
        if (reader.TryWord("LEFT"u8)) return true;
        if (!reader.TryWord("RIGHT"u8)) reader.Fail(ErrorText.Syntax);
        return false;
    }

    private enum MoveResult
    {
        Moved,
        NoSource,
        Failed,
    }
}
