using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.RespGateway.Commands;

/// <summary>DEBUG: what tests use to look inside. Guarded by enable-debug-command.</summary>
internal static class DebugCommands
{
    // Nobody means a longer sleep, which only a kill would end.
    private const int MaxSleepSeconds = 3600;

    // As long as a string may be that a client sends.
    private const int MaxMatchBytes = 512 * 1024 * 1024;

    public static IEnumerable<CommandRow> Rows =>
    [
        new("debug", -2, CommandFlags.Admin | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Protected,
            AclCategories.None, CommandScope.EachSlot, Debug)
        {
            NeedsConnection = true, Group = "server", Syntax = "DEBUG subcommand [argument [argument ...]]", Complexity = "Depends on subcommand.",
            Summary = "A container for debugging commands.",
        },
    ];

    // DEBUG subcommand [argument ...]
    private static void Debug(CommandContext context, ref ReplyWriter reply)
    {
        var read = context.Read(1);
        if (read.TryWord("sleep"u8)) Sleep(context, read, ref reply);
        else if (read.TryWord("object"u8)) DebugKeyspace.Object(context, read, ref reply);
        else if (read.TryWord("digest"u8)) DebugKeyspace.Digest(context, ref reply);
        else if (read.TryWord("digest-value"u8)) DebugKeyspace.DigestValues(context, ref reply);
        else if (read.TryWord("populate"u8)) DebugKeyspace.Populate(context, read, ref reply);
        else if (read.TryWord("htstats"u8)) DebugKeyspace.TableStatistics(context, read, ref reply);
        else if (read.TryWord("set-active-expire"u8)) SetActiveExpire(context, read, ref reply);
        else if (read.TryWord("protocol"u8)) DebugProtocol.Write(read, ref reply);
        else if (read.TryWord("stringmatch-len"u8)) StringMatch(read, ref reply);
        else if (read.Remaining == 2 && read.TryWord("quicklist-packed-threshold"u8)) SetAloneBytes(read, ref reply);
        else if (read.TryWord("error"u8)) reply.Error(read.Next());
        else if (read.TryWord("log"u8)) Log(context, read, ref reply);
        else if (read.TryWord("help"u8)) Help(ref reply);
        else reply.Error(ErrorText.UnknownSubcommandOrArity(context.Args));
    }

    // DEBUG LOG message
    private static void Log(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        context.Server().Warn("DEBUG LOG: " + Encoding.UTF8.GetString(read.Next()));
        if (!read.WriteError(ref reply)) reply.Ok();
    }

    // DEBUG SET-ACTIVE-EXPIRE <0 | 1>
    private static void SetActiveExpire(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var isEnabled = read.NextInteger() != 0;
        if (read.WriteError(ref reply)) return;
        context.Store.ActiveExpiry.IsEnabled = isEnabled;
        reply.Ok();
    }

    // DEBUG QUICKLIST-PACKED-THRESHOLD size
    private static void SetAloneBytes(ArgumentReader read, ref ReplyWriter reply)
    {
        if (MemorySize.TryParse(Encoding.Latin1.GetString(read.Next()), out var bytes) && bytes is >= 0 and <= int.MaxValue)
        {
            ListValue.SetAloneBytes((int)bytes);
            reply.Ok();
            return;
        }

        reply.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb"u8);
    }

    // DEBUG SLEEP seconds
    private static void Sleep(CommandContext context, ArgumentReader read, ref ReplyWriter reply)
    {
        var seconds = read.NextDouble(0, MaxSleepSeconds);
        if (read.WriteError(ref reply)) return;
        context.Server().StallAllLoops(TimeSpan.FromSeconds(seconds));
        reply.Ok();
    }

    // DEBUG STRINGMATCH-LEN length pattern
    private static void StringMatch(ArgumentReader read, ref ReplyWriter reply)
    {
        var length = read.NextInteger(0, MaxMatchBytes);
        var pattern = read.Next();
        if (read.WriteError(ref reply)) return;
        reply.Integer(Glob.IsMatch(pattern, new byte[length]) ? 1 : 0);
    }

    private static void Help(ref ReplyWriter reply) => HelpText.Write("DEBUG", ref reply,
        "DIGEST", "    Output a hex signature representing the current DB content.",
        "DIGEST-VALUE <key> [<key> ...]", "    Output a hex signature of the values of all the specified keys.",
        "ERROR <string>", "    Return a Redis protocol error with <string> as message. Useful for clients", "    unit tests to simulate Redis errors.",
        "LOG <message>", "    Write <message> to the server log.", "HTSTATS <dbid>", "    Return hash table statistics of the specified Redis database.",
        "OBJECT <key>", "    Show low level info about `key` and associated value.", "POPULATE <count> [<prefix>] [<size>]",
        "    Create <count> string keys named key:<num>. If <prefix> is specified then", "    it is used instead of the 'key' prefix.",
        "PROTOCOL <type>", "    Reply with a test value of the specified type. <type> can be: string,",
        "    integer, double, null, array, set, map, attrib, push, verbatim, true,", "    false, bignum.",
        "QUICKLIST-PACKED-THRESHOLD <size>", "    Sets the threshold for elements to be inserted as plain vs packed nodes",
        "    Default value is 1GB, allows values up to 4GB. Setting to 0 restores to default.",
        "SET-ACTIVE-EXPIRE <0|1>", "    Setting it to 0 disables expiring keys in background when they are not", "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the", "    default.",
        "SLEEP <seconds>", "    Stop the server for <seconds>. Decimals allowed.",
        "STRINGMATCH-LEN <len> <pattern>", "    Match <pattern> against <len> zero bytes.");
}
