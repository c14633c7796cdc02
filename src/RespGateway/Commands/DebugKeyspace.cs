using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.RespGateway.Commands;

/// <summary>The parts of DEBUG that look at keys or make them. DEBUG names no keys in its row, so each locks the slot that it looks at.</summary>
internal static class DebugKeyspace
{
    // DEBUG OBJECT key
    public static void Object(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var key = read.Next();
        if (read.WriteError(ref reply)) return;
        var slot = context.Store.SlotOf(key);
        using var guard = new SlotGuard(context.Worker, slot);
        var keyspace = slot[context.Database];
        var entry = keyspace.Find(key);
        if (entry.IsNull)
        {
            reply.Error(ErrorText.NoSuchKey);
            return;
        }

        var isString = entry.Type == KeyType.String;
        var encoding = isString ? StringValue.NameOf(entry.Encoding) : keyspace.CollectionOf(entry).EncodingName;
        var bytes = isString ? entry.Value.Length : keyspace.CollectionOf(entry).NativeBytes;
        var idle = AccessClock.IdleSeconds(entry, context.NowMs);
        reply.SimpleString(Encoding.ASCII.GetBytes(
            $"Value at:0x{entry.Address:x} refcount:1 encoding:{encoding} serializedlength:{bytes} lru:{entry.Access} lru_seconds_idle:{idle}"));
    }

    // DEBUG DIGEST
    public static unsafe void Digest(CommandContext context, ref ReplyWriter reply)
    {
        Span<byte> digest = stackalloc byte[ValueDigest.Bytes];
        digest.Clear();
        for (var database = 0; database < context.Store.DatabaseCount; database++)
        {
            foreach (var slot in new SlotWalk(context.Worker, database))
                foreach (var block in slot[database]) ValueDigest.XorKey(database, slot[database], SlotKeyspace.EntryAt((nint)block), digest);
        }

        reply.SimpleString(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest)));
    }

    // DEBUG DIGEST-VALUE key [key ...]
    public static void DigestValues(CommandContext context, ref ReplyWriter reply)
    {
        Span<byte> digest = stackalloc byte[ValueDigest.Bytes];
        reply.Array(context.Args.Count - 2);
        for (var i = 2; i < context.Args.Count; i++)
        {
            var slot = context.Store.SlotOf(context.Args[i]);
            using var guard = new SlotGuard(context.Worker, slot);
            var entry = slot[context.Database].Find(context.Args[i]);
            digest.Clear();
            if (!entry.IsNull) ValueDigest.OfValue(slot[context.Database], entry, digest);
            reply.SimpleString(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest)));
        }
    }

    // DEBUG POPULATE count [prefix] [size]
    public static void Populate(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var count = read.NextInteger();
        var prefix = read.HasMore ? Encoding.UTF8.GetString(read.Next()) : "key";
        var size = read.HasMore ? read.NextInteger(0, int.MaxValue) : 0;
        if (read.WriteError(ref reply)) return;
        for (long i = 0; i < count; i++)
        {
            var key = Encoding.UTF8.GetBytes($"{prefix}:{i}");
            var value = Encoding.ASCII.GetBytes($"value:{i}");
            if (size > 0) Array.Resize(ref value, (int)size);
            PopulateOne(context, key, value);
        }

        reply.Ok();
    }

    private static void PopulateOne(CommandContext context, byte[] key, byte[] value)
    {
        var slot = context.Store.SlotOf(key);
        using var guard = new SlotGuard(context.Worker, slot);
        if (!slot[context.Database].Find(key).IsNull) return;
        context.SetString(key, value, StringValue.EncodingOf(value));
        context.Effects.Add("SET"u8, key, value);
        context.Modified(key, KeyspaceEventClasses.None, default);
    }

    // DEBUG HTSTATS database
    public static void TableStatistics(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var database = read.NextInteger(0, context.Store.DatabaseCount - 1, "ERR Out of range database"u8);
        if (read.WriteError(ref reply)) return;
        long buckets = 0, keys = 0, rehashing = 0, used = 0;
        foreach (var slot in new SlotWalk(context.Worker, (int)database))
        {
            var keyspace = slot[(int)database];
            used++;
            buckets += keyspace.BucketCount;
            keys += keyspace.Count;
            rehashing += keyspace.IsRehashing ? 1 : 0;
        }

        reply.Verbatim("txt"u8, Encoding.ASCII.GetBytes(
            $"[Dictionary HT]\nHash table stats of {used} slots:\n table size: {buckets}\n number of elements: {keys}\n rehashing slots: {rehashing}\n"));
    }
}
