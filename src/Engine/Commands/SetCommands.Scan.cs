using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>SSCAN.</summary>
internal static partial class SetCommands
{
    // SSCAN key cursor [MATCH pattern] [COUNT count]
    private static void SScan(CommandContext context, ref ReplyWriter reply)
    {
        if (!ScanOptions.TryRead<SetValue>(context, ref reply, out var cursor, out var options, out var set)) return;
        if (set.Table == null) ScanCompact(set, options, ref reply);
        else ScanTable(context, set.Table, cursor, options, ref reply);
    }

    // A compact set is small: one call gives all of it.
    private static void ScanCompact(SetValue set, scoped ScanOptions options, ref ReplyWriter reply)
    {
        ScanOptions.WriteCursor(0, ref reply);
        var header = reply.BeginDeferred();
        long count = 0;
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        for (var members = set.Members(scratch); members.MoveNext();)
        {
            var member = members.Current;
            if (!options.Matches(member)) continue;
            reply.Bulk(member);
            count++;
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
            var member = FieldTable.NodeAt(address).Key;
            if (!options.Matches(member)) continue;
            reply.Bulk(member);
            count++;
        }

        reply.EndDeferred(header, '*', count);
    }
}
