using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Commands that read a hash.</summary>
internal static partial class HashCommands
{
    [Flags]
    private enum Parts
    {
        Fields = 1,
        Values = 2,
    }

    // HLEN key
    private static void HLen(CommandContext context, ref ReplyWriter reply)
    {
        if (context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) reply.Integer(hash?.Count ?? 0);
    }

    // HSTRLEN key field
    private static void HStrLen(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) return;
        Span<byte> scratch = stackalloc byte[HashValue.ScratchBytes];
        reply.Integer(hash != null && hash.TryGet(context.Args[2], scratch, out var value) ? value.Length : 0);
    }

    // HEXISTS key field
    private static void HExists(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) return;
        reply.Integer(hash != null && hash.Contains(context.Args[2]) ? 1 : 0);
    }

    // HKEYS key
    private static void HKeys(CommandContext context, ref ReplyWriter reply) => WriteAll(context, Parts.Fields, ref reply);

    // HVALS key
    private static void HVals(CommandContext context, ref ReplyWriter reply) => WriteAll(context, Parts.Values, ref reply);

    // HGETALL key
    private static void HGetAll(CommandContext context, ref ReplyWriter reply) =>
        WriteAll(context, Parts.Fields | Parts.Values, ref reply);

    private static void WriteAll(CommandContext context, Parts parts, ref ReplyWriter reply)
    {
        if (!context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) return;
        var count = (int)(hash?.Count ?? 0);
        if (parts == (Parts.Fields | Parts.Values)) reply.Map(count);
        else reply.Array(count);
        if (hash == null) return;
        Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
        for (var fields = hash.Fields(scratch); fields.MoveNext();)
        {
            if ((parts & Parts.Fields) != 0) reply.Bulk(fields.Field);
            if ((parts & Parts.Values) != 0) reply.Bulk(fields.Value);
        }
    }

    // HSCAN key cursor [MATCH pattern] [COUNT count]
    private static void HScan(CommandContext context, ref ReplyWriter reply)
    {
        if (!ScanOptions.TryRead<HashValue>(context, ref reply, out var cursor, out var options, out var hash)) return;
        if (hash.Table == null) ScanCompact(hash, options, ref reply);
        else ScanTable(context, hash.Table, cursor, options, ref reply);
    }

    // A compact hash is small: one call gives all of it.
    private static void ScanCompact(HashValue hash, scoped ScanOptions options, ref ReplyWriter reply)
    {
        ScanOptions.WriteCursor(0, ref reply);
        var header = reply.BeginDeferred();
        long count = 0;
        Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
        for (var fields = hash.Fields(scratch); fields.MoveNext();)
        {
            if (!options.Matches(fields.Field)) continue;
            reply.Bulk(fields.Field);
            reply.Bulk(fields.Value);
            count += 2;
        }

        reply.EndDeferred(header, '*', count);
    }

    private static void ScanTable(
        CommandContext context, FieldTable table, ulong cursor, scoped ScanOptions options, ref ReplyWriter reply)
    {
        var found = context.Worker.Scratch;
        found.Clear();
        ScanOptions.WriteCursor(options.Walk(table, cursor, found), ref reply);
        var header = reply.BeginDeferred();
        long count = 0;
        foreach (var address in found)
        {
            var node = FieldTable.NodeAt(address);
            if (!options.Matches(node.Key)) continue;
            reply.Bulk(node.Key);
            reply.Bulk(node.Value);
            count += 2;
        }

        reply.EndDeferred(header, '*', count);
    }
}
