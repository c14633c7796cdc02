using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Random members: SPOP and SRANDMEMBER.</summary>
internal static partial class SetCommands
{
    // A pop that leaves fewer than a fifth of what it takes picks the members that stay instead.
    private const int PopKeepFactor = 5;

    // SPOP key [count]
    private static void SPop(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count == 2)
        {
            PopOne(context, ref reply);
            return;
        }

        if (context.Args.Count > 3)
        {
            reply.Error(ErrorText.Syntax);
            return;
        }

        var reader = context.Read(2);
        var count = reader.NextInteger(0, long.MaxValue, ErrorText.MustBePositive);
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<SetValue>(key, ref reply, out var set)) return;
        if (set == null || count == 0) reply.Set(0);
        else if (count >= set.Count) PopAll(context, key, set, ref reply);
        else PopMany(context, key, set, (int)count, ref reply);
    }

    private static void PopOne(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWrite<SetValue>(key, ref reply, out var set)) return;
        if (set == null)
        {
            reply.Null();
            return;
        }

        var effect = context.Effects.Open("SREM"u8, key);
        PopMember(context.Worker.Random, set, effect, ref reply);
        effect.End();
        context.Modified(key, KeyspaceEventClasses.Set, "spop"u8);
        context.RemoveIfEmpty(key, set);
    }

    private static void PopAll(CommandContext context, ReadOnlySpan<byte> key, SetValue set, ref ReplyWriter reply)
    {
        WriteAll(set, ref reply);
        context.Modified(key, KeyspaceEventClasses.Set, "spop"u8, set.Count);
        context.Remove(key, context.Config.LazyFreeServerDel);
        context.Effects.Add("DEL"u8, key);
        context.Notify(KeyspaceEventClasses.Generic, "del"u8, key);
    }

    // Fewer than all.
    private static void PopMany(CommandContext context, ReadOnlySpan<byte> key, SetValue set, int count, ref ReplyWriter reply)
    {
        var kept = set.Count - count;
        var effect = context.Effects.Open("SREM"u8, key);
        if (kept * PopKeepFactor > count)
        {
            reply.Set(count);
            for (var i = 0; i < count; i++) PopMember(context.Worker.Random, set, effect, ref reply);
        }
        else
        {
            var popped = set.TakeAllBut(kept, context.Worker.Random, context.Config);
            WriteAll(popped, ref reply);
            Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
            for (var members = popped.Members(scratch); members.MoveNext();) effect.Argument(members.Current);
            context.Store.Free(popped, context.Config.LazyFreeServerDel);
        }

        effect.End();
        context.Modified(key, KeyspaceEventClasses.Set, "spop"u8, count);
    }

    private static void PopMember(Random random, SetValue set, OpenEffect effect, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        var place = set.PickFairly(random);
        var member = set.MemberAt(place, scratch);
        reply.Bulk(member);
        effect.Argument(member);
        set.RemoveAt(place);
    }

    // SRANDMEMBER key [count]
    private static void SRandMember(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count == 2)
        {
            WriteRandomMember(context, ref reply);
            return;
        }

        if (context.Args.Count > 3)
        {
            reply.Error(ErrorText.Syntax);
            return;
        }

        var reader = context.Read(2);
        var count = RandomCount.Read(ref reader);
        if (reader.WriteError(ref reply)) return;
        if (!context.TryRead<SetValue>(context.Args[1], ref reply, out var set)) return;
        if (set == null || count == 0)
        {
            reply.EmptyArray();
            return;
        }

        if (!RandomCount.TryLimit(count, set.Count, ref reply, out var length)) return;
        reply.Array(length);
        if (count < 0) WriteAnyMembers(context.Worker.Random, set, length, ref reply);
        else if (set.Table == null || length * (long)RandomCount.SparseFactor > set.Count)
            WriteSelectedMembers(context.Worker.Random, set, length, ref reply);
        else WriteFewMembers(context.Worker.Random, set.Table, length, ref reply);
    }

    private static void WriteRandomMember(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<SetValue>(context.Args[1], ref reply, out var set)) return;
        if (set == null) reply.Null();
        else WriteAnyMembers(context.Worker.Random, set, 1, ref reply);
    }

    // Each independent of the others, so that one can come again.
    private static void WriteAnyMembers(Random random, SetValue set, int count, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        for (; count > 0; count--) reply.Bulk(set.MemberAt(set.PickFairly(random), scratch));
    }

    // Different ones, by one walk over all.
    private static void WriteSelectedMembers(Random random, SetValue set, int count, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        var sampler = new SelectionSampler(random, set.Count, count);
        var members = set.Members(scratch);
        while (sampler.WantsMore && members.MoveNext())
            if (sampler.Take()) reply.Bulk(members.Current);
    }

    // Different ones, few among many: drawn again where one came before.
    private static void WriteFewMembers(Random random, FieldTable table, int count, ref ReplyWriter reply)
    {
        var drawn = new HashSet<FieldNode>(count);
        while (drawn.Count < count)
        {
            var node = table.PickFairly(random);
            if (drawn.Add(node)) reply.Bulk(node.Key);
        }
    }
}
