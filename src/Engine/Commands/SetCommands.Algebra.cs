using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Operations on several sets: intersection, union and difference, replied or stored.</summary>
internal static partial class SetCommands
{
    // SINTER key [key ...]
    private static void SInter(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadSets(context, 1, context.Args.Count - 1, ref reply, out var sets)) return;
        if (SetAlgebra.BySize(sets) is not { } sorted)
        {
            reply.Set(0);
            return;
        }

        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        var header = reply.BeginDeferred();
        long count = 0;
        for (var members = SetFilter.Intersection(sorted, scratch); members.MoveNext(); count++) reply.Bulk(members.Current);
        reply.EndDeferred(header, '~', count);
    }

    // SINTERCARD numkeys key [key ...] [LIMIT limit]
    private static void SInterCard(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(1);
        var keys = reader.NextInteger(1, long.MaxValue, "ERR numkeys should be greater than 0"u8);
        if (keys > context.Args.Count - 2) reader.Fail("ERR Number of keys can't be greater than number of args"u8);
        if (reader.WriteError(ref reply)) return;
        reader = context.Read(2 + (int)keys);
        long limit = 0;
        while (reader.HasMore)
        {
            if (reader.TryWord("LIMIT"u8) && reader.HasMore) limit = reader.NextInteger(0, long.MaxValue, "ERR LIMIT can't be negative"u8);
            else reader.Fail(ErrorText.Syntax);
        }

        if (reader.WriteError(ref reply)) return;
        if (!TryReadSets(context, 2, (int)keys, ref reply, out var sets)) return;
        reply.Integer(SetAlgebra.CountIntersection(sets, limit == 0 ? long.MaxValue : limit));
    }

    // SINTERSTORE destination key [key ...]
    private static void SInterStore(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadSets(context, 2, context.Args.Count - 2, ref reply, out var sets)) return;
        var sorted = SetAlgebra.BySize(sets);
        Store(context, sorted == null ? null : SetAlgebra.Intersect(sorted, context.Config), "sinterstore"u8, ref reply);
    }

    // SUNION key [key ...]
    private static void SUnion(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadSets(context, 1, context.Args.Count - 1, ref reply, out var sets)) return;
        WriteAndFree(context, SetAlgebra.Unite(sets, context.Config), ref reply);
    }

    // SUNIONSTORE destination key [key ...]
    private static void SUnionStore(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadSets(context, 2, context.Args.Count - 2, ref reply, out var sets)) return;
        Store(context, SetAlgebra.Unite(sets, context.Config), "sunionstore"u8, ref reply);
    }

    // SDIFF key [key ...]
    private static void SDiff(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadSets(context, 1, context.Args.Count - 1, ref reply, out var sets)) return;
        WriteAndFree(context, SetAlgebra.Subtract(sets, context.Config), ref reply);
    }

    // SDIFFSTORE destination key [key ...]
    private static void SDiffStore(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryReadSets(context, 2, context.Args.Count - 2, ref reply, out var sets)) return;
        Store(context, SetAlgebra.Subtract(sets, context.Config), "sdiffstore"u8, ref reply);
    }

    // The sets of the keys from argument first on, null where there is no key.
    private static bool TryReadSets(CommandContext context, int first, int count, ref ReplyWriter reply, out SetValue?[] sets)
    {
        sets = new SetValue?[count];
        for (var i = 0; i < count; i++)
            if (!context.TryRead(context.Args[first + i], ref reply, out sets[i])) return false;
        return true;
    }

    private static void WriteAndFree(CommandContext context, SetValue result, ref ReplyWriter reply)
    {
        WriteAll(result, ref reply);
        context.Store.Free(result, context.Config.LazyFreeServerDel);
    }

    // Puts a result under the first argument's key, or removes the key where the result is empty.
    private static void Store(CommandContext context, SetValue? result, ReadOnlySpan<byte> eventName, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (result is { Count: > 0 })
        {
            context.SetCollection(key, result);
            context.Modified(key, KeyspaceEventClasses.Set, eventName);
            reply.Integer(result.Count);
            return;
        }

        result?.Free();
        if (context.Remove(key, context.Config.LazyFreeServerDel)) context.Modified(key, KeyspaceEventClasses.Generic, "del"u8);
        reply.Integer(0);
    }
}
