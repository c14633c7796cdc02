using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.RespGateway.Commands;

/// <summary>DEBUG: what tests use to look inside. Guarded by enable-debug-command.</summary>
internal static class DebugCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("debug", -2, CommandFlags.Admin | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale, AclCategories.None,
            CommandScope.Gateway, Debug)
        {
            Group = "server", Syntax = "DEBUG subcommand [argument [argument ...]]", Complexity = "Depends on subcommand.", Summary = "A container for debugging commands.",
        },
    ];

    // DEBUG subcommand [argument ...]
    private static void Debug(CommandContext context, ref ReplyWriter reply)
    {
        var isLocal = context.Client().IsLocal;
        if (!ServerConfig.IsAllowed(context.Config.EnableDebugCommand, isLocal))
        {
            reply.Error("ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."u8);
            return;
        }

        var read = context.Read(1);
        if (read.TryWord("sleep"u8)) Sleep(context, read, ref reply);
        else if (read.TryWord("object"u8)) Object(context, read, ref reply);
        else if (read.TryWord("set-active-expire"u8)) SetActiveExpire(context, read, ref reply);
        else if (read.TryWord("populate"u8)) Populate(context, read, ref reply);
        else if (read.TryWord("protocol"u8)) DebugProtocol.Write(read, ref reply);
        else if (read.TryWord("stringmatch-len"u8)) StringMatch(read, ref reply);
        else if (read.TryWord("htstats"u8)) TableStatistics(context, read, ref reply);
        else if (read.TryWord("error"u8)) reply.Error(read.Next());
        else if (read.TryWord("log"u8) || read.TryWord("jmap"u8)) reply.Ok();
        else if (read.TryWord("help"u8)) Help(ref reply);
        else reply.Error(ErrorText.UnknownSubcommandOrArity(context.Args));
    }

    // DEBUG SLEEP seconds
    private static void Sleep(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var seconds = read.NextDouble();
        if (read.WriteError(ref reply)) return;
        context.Server().StallAllLoops(TimeSpan.FromSeconds(seconds));
        reply.Ok();
    }

    // DEBUG OBJECT key
    private static void Object(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var key = read.Next();
        if (read.WriteError(ref reply)) return;
        var slot = context.Store.SlotOf(key);
        slot.Lock.Enter();
        try
        {
            var keyspace = slot[context.Database];
            var entry = keyspace.Find(key);
            if (entry.IsNull)
            {
                reply.Error(ErrorText.NoSuchKey);
                return;
            }

            var isString = entry.Type == KeyType.String;
            var encoding = isString ? entry.Encoding.ToString().ToLowerInvariant() : keyspace.CollectionOf(entry).EncodingName;
            var bytes = isString ? entry.Value.Length : keyspace.CollectionOf(entry).NativeBytes;
            var idle = AccessClock.IdleSeconds(entry, context.NowMs);
            reply.SimpleString(Encoding.ASCII.GetBytes(
                $"Value at:0x{entry.Address:x} refcount:1 encoding:{encoding} serializedlength:{bytes} lru:{entry.Access} lru_seconds_idle:{idle}"));
        }
        finally
        {
            slot.Lock.Exit();
        }
    }

    // DEBUG SET-ACTIVE-EXPIRE <0 | 1>
    private static void SetActiveExpire(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var isEnabled = read.NextInteger() != 0;
        if (read.WriteError(ref reply)) return;
        context.Store.ActiveExpiry.IsEnabled = isEnabled;
        reply.Ok();
    }

    // DEBUG POPULATE count [prefix] [size]
    private static void Populate(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
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
            var slot = context.Store.SlotOf(key);
            slot.Lock.Enter();
            if (slot[context.Database].Find(key).IsNull)
                slot[context.Database].SetString(key, value, StringValue.EncodingOf(value), keepExpire: false, out _);
            slot.Lock.Exit();
        }

        reply.Ok();
    }

    // DEBUG STRINGMATCH-LEN length pattern
    private static void StringMatch(ArgumentReader read, ref ReplyWriter reply)
    {
        var length = read.NextInteger(0, int.MaxValue);
        var pattern = read.Next();
        if (read.WriteError(ref reply)) return;
        reply.Integer(Glob.IsMatch(pattern, new byte[length]) ? 1 : 0);
    }

    // DEBUG HTSTATS database
    private static void TableStatistics(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var database = read.NextInteger(0, context.Store.DatabaseCount - 1, "ERR Out of range database"u8);
        if (read.WriteError(ref reply)) return;
        long buckets = 0, keys = 0, rehashing = 0, used = 0;
        foreach (var slot in context.Store.Slots)
        {
            var keyspace = slot.TryGet((int)database);
            if (keyspace == null || keyspace.Count == 0) continue;
            used++;
            buckets += keyspace.BucketCount;
            keys += keyspace.Count;
            rehashing += keyspace.IsRehashing ? 1 : 0;
        }

        reply.Verbatim("txt"u8, Encoding.ASCII.GetBytes(
            $"[Dictionary HT]\nHash table stats of {used} slots:\n table size: {buckets}\n number of elements: {keys}\n rehashing slots: {rehashing}\n"));
    }

    private static void Help(ref ReplyWriter reply) => HelpText.Write("DEBUG", ref reply,
        "ERROR <string>", "    Return a Redis protocol error with <string> as message. Useful for clients", "    unit tests to simulate Redis errors.",
        "HTSTATS <dbid>", "    Return hash table statistics of the specified Redis database.", "LOG <message>", "    Accepted and not recorded.",
        "OBJECT <key>", "    Show low level info about `key` and associated value.", "POPULATE <count> [<prefix>] [<size>]",
        "    Create <count> string keys named key:<num>. If <prefix> is specified then", "    it is used instead of the 'key' prefix.",
        "PROTOCOL <type>", "    Reply with a test value of the specified type. <type> can be: string,", "    integer, double, null, array, set, map, attrib, push, verbatim, true,", "    false, bignum.",
        "SET-ACTIVE-EXPIRE <0|1>",
        "    Setting it to 0 disables expiring keys in background when they are not accessed.",
        "SLEEP <seconds>", "    Stop the server for <seconds>. Decimals allowed.", "STRINGMATCH-LEN <len> <pattern>", "    Match a pattern against <len> zero bytes.");
}
