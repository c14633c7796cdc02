using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Server;

namespace OrleansKv.RespGateway.Commands;

/// <summary>What clients and tools ask of the server itself: INFO, TIME, SHUTDOWN and their like.</summary>
internal static class ServerCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("info", -1, CommandFlags.Loading | CommandFlags.Stale, AclCategories.Dangerous, CommandScope.EachSlot, Info)
        {
            Group = "server", Syntax = "INFO [section [section ...]]", Summary = "Returns information and statistics about the server.",
            Tips = ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        },
        new("time", 1, CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast, AclCategories.None, CommandScope.Gateway, Time)
        {
            Group = "server", Since = "2.6.0", Syntax = "TIME", Summary = "Returns the server time.", Tips = ["nondeterministic_output"],
        },
        new("shutdown", -1, CommandFlags.Admin | CommandFlags.NoMulti | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.AllowBusy,
            AclCategories.None, CommandScope.Gateway, Shutdown)
        {
            Group = "server", Syntax = "SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]", Complexity = "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)",
            Summary = "Synchronously saves the database(s) to disk and shuts down the Redis server.",
        },
    ];

    // INFO [section [section ...]]
    private static void Info(CommandContext context, ref ReplyWriter reply)
    {
        var sections = new List<string>();
        for (var i = 1; i < context.Args.Count; i++) sections.Add(Encoding.UTF8.GetString(context.Args[i]));
        reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(InfoReport.Write(context.Server(), context.Worker, sections)));
    }

    // TIME
    private static void Time(CommandContext context, ref ReplyWriter reply)
    {
        var nowUs = context.Store.Clock.NowUs;
        reply.Array(2);
        reply.BulkInteger(nowUs / 1_000_000);
        reply.BulkInteger(nowUs % 1_000_000);
    }

    // SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]
    private static void Shutdown(CommandContext context, ref ReplyWriter reply)
    {
        bool save = false, noSave = false, abort = false, other = false;
        var read = context.Read(1);
        while (read.HasMore)
        {
            if (read.TryWord("nosave"u8)) noSave = true;
            else if (read.TryWord("save"u8)) save = true;
            else if (read.TryWord("abort"u8)) abort = true;
            else if (read.TryWord("now"u8) || read.TryWord("force"u8)) other = true;
            else read.Fail(ErrorText.Syntax);
        }

        if ((save && noSave) || (abort && (save || noSave || other))) read.Fail(ErrorText.Syntax);
        if (abort) read.Fail("ERR No shutdown in progress."u8);
        if (save) read.Fail("ERR SHUTDOWN SAVE: this version has no snapshots to save"u8);
        if (read.WriteError(ref reply)) return;
        context.Server().RequestShutdown();
        context.Client().CloseAfterReply();
    }
}
