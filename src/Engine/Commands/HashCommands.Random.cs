using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>HRANDFIELD.</summary>
internal static partial class HashCommands
{
    // HRANDFIELD key [count [WITHVALUES]]
    private static void HRandField(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count == 2)
        {
            WriteRandomField(context, ref reply);
            return;
        }

        var reader = context.Read(2);
        var count = RandomCount.Read(ref reader);
        var withValues = reader.TryWord("WITHVALUES"u8);
        if (reader.HasMore) reader.Fail(ErrorText.Syntax);
        if (withValues && Math.Abs(count) > long.MaxValue / 2) reader.Fail("ERR value is out of range"u8);
        if (reader.WriteError(ref reply)) return;

        if (!context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) return;
        if (hash == null || count == 0)
        {
            reply.EmptyArray();
            return;
        }

        if (!RandomCount.TryLimit(count, hash.Count, ref reply, out var length)) return;
        reply.Array(withValues && !reply.Resp3 ? checked(length * 2) : length);
        if (count < 0) WriteAnyFields(context.Worker.Random, hash, length, withValues, ref reply);
        else if (hash.Table == null || length * RandomCount.SparseFactor > hash.Count)
            WriteSelectedFields(context.Worker.Random, hash, length, withValues, ref reply);
        else WriteFewFields(context.Worker.Random, hash, length, withValues, ref reply);
    }

    private static void WriteRandomField(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) return;
        if (hash == null)
        {
            reply.Null();
            return;
        }

        Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
        reply.Bulk(hash.PickFairly(context.Worker.Random, scratch).Field);
    }

    // Each independent of the others, so that one can come again.
    private static void WriteAnyFields(Random random, HashValue hash, int count, bool withValues, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
        for (; count > 0; count--)
        {
            var field = hash.PickFairly(random, scratch);
            WriteField(field.Field, field.Value, withValues, ref reply);
        }
    }

    // Different ones, by one walk over all.
    private static void WriteSelectedFields(Random random, HashValue hash, int count, bool withValues, ref ReplyWriter reply)
    {
        Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
        var sampler = new SelectionSampler(random, hash.Count, count);
        var fields = hash.Fields(scratch);
        while (sampler.WantsMore && fields.MoveNext())
            if (sampler.Take()) WriteField(fields.Field, fields.Value, withValues, ref reply);
    }

    // Different ones, few among many: drawn again where one came before.
    private static void WriteFewFields(Random random, HashValue hash, int count, bool withValues, ref ReplyWriter reply)
    {
        var drawn = new HashSet<FieldNode>(count);
        while (drawn.Count < count)
        {
            var field = hash.PickFairly(random, default);
            if (drawn.Add(field.Node)) WriteField(field.Field, field.Value, withValues, ref reply);
        }
    }

    private static void WriteField(
        scoped ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> value, bool withValue, ref ReplyWriter reply)
    {
        if (withValue && reply.Resp3) reply.Array(2);
        reply.Bulk(field);
        if (withValue) reply.Bulk(value);
    }
}
