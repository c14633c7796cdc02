using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

internal static partial class StringCommands
{
    // GET key
    private static void Get(CommandContext context, ref ReplyWriter reply) => TryReply(context, context.Args[1], ref reply, out _);

    // MGET key [key ...]
    private static void MGet(CommandContext context, ref ReplyWriter reply)
    {
        reply.Array(context.Args.Count - 1);
        for (var i = 1; i < context.Args.Count; i++)
        {
            var entry = context.FindForRead(context.Args[i]);
            if (entry.IsNull || entry.Type != KeyType.String) reply.Null();
            else reply.Bulk(entry.Value);
        }
    }

    // STRLEN key
    private static void StrLen(CommandContext context, ref ReplyWriter reply)
    {
        if (context.TryReadString(context.Args[1], ref reply, out var entry)) reply.Integer(entry.IsNull ? 0 : entry.Value.Length);
    }

    // GETRANGE key start end
    private static void GetRange(CommandContext context, ref ReplyWriter reply)
    {
        var arguments = context.Read(2);
        var start = arguments.NextInteger();
        var end = arguments.NextInteger();
        if (arguments.WriteError(ref reply) || !context.TryReadString(context.Args[1], ref reply, out var entry)) return;
        var value = entry.IsNull ? default : entry.Value;
        var isBackward = start < 0 && end < 0 && start > end;
        if (start < 0) start = Math.Max(0, start + value.Length);
        if (end < 0) end = Math.Max(0, end + value.Length);
        end = Math.Min(end, value.Length - 1);
        reply.Bulk(isBackward || start > end ? default : value[(int)start..((int)end + 1)]);
    }

    // GETDEL key
    private static void GetDel(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!TryReply(context, key, ref reply, out var entry) || entry.IsNull) return;
        context.Remove(entry, key, context.Database, lazily: false);
        context.Effects.Add("DEL"u8, key);
        context.Modified(key, KeyspaceEventClasses.Generic, "del"u8);
    }

    // GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]
    private static void GetEx(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var arguments = context.Read(2);
        var options = StringOptions.OfGetEx(ref arguments);
        if (arguments.WriteError(ref reply) || !context.TryReadString(key, ref reply, out var entry)) return;
        if (entry.IsNull)
        {
            reply.Null();
            return;
        }

        if (!options.TryExpireAt(context, ref reply, out var atMs)) return;
        reply.Bulk(entry.Value);
        if (options.Form != ExpireForm.None)
        {
            GenericCommands.SetExpireOrRemove(context, key, entry, atMs);
        }
        else if (options.Persists && context.KeyspaceOf(key).RemoveExpire(entry))
        {
            context.Effects.Add("PERSIST"u8, key);
            context.Modified(key, KeyspaceEventClasses.Generic, "persist"u8);
        }
    }

    // Replies the string that the key holds, or null; false after an error.
    private static bool TryReply(CommandContext context, ReadOnlySpan<byte> key, ref ReplyWriter reply, out Entry entry)
    {
        if (!context.TryReadString(key, ref reply, out entry)) return false;
        if (entry.IsNull) reply.Null();
        else reply.Bulk(entry.Value);
        return true;
    }
}
