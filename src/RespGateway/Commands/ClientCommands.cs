using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

/// <summary>CLIENT: what a connection tells of itself, and what it may do to others. CLIENT KILL is in ClientKill.cs.</summary>
internal static partial class ClientCommands
{
    private const CommandFlags Own = CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale;
    private const CommandFlags Others = Own | CommandFlags.Admin;

    private const string KillSyntax = "CLIENT KILL <ip:port | <[ID client-id] [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] "
        + "[USER username] [ADDR ip:port] [LADDR ip:port] [SKIPME <YES | NO>]>>";

    public static IEnumerable<CommandRow> Rows =>
    [
        new("client", -2, CommandFlags.None, AclCategories.None, CommandScope.Gateway, null)
        {
            Group = "connection", Since = "2.4.0", Summary = "A container for client connection commands.", Complexity = "Depends on subcommand.",
            Subcommands =
            [
                Row("getname", 2, Own, "CLIENT GETNAME", "Returns the name of the connection.", "2.6.9", GetName),
                Row("help", 2, CommandFlags.Loading | CommandFlags.Stale, "CLIENT HELP", "Returns helpful text about the different subcommands.", "5.0.0", Help),
                Row("id", 2, Own, "CLIENT ID", "Returns the unique client ID of the connection.", "5.0.0", Id),
                Row("info", 2, Own, "CLIENT INFO", "Returns information about the connection.", "6.2.0", Info) with { Tips = ["nondeterministic_output"] },
                Row("kill", -3, Others, KillSyntax, "Terminates open connections.", "2.4.0", Kill) with { Complexity = "O(N) where N is the number of client connections" },
                Row("list", -2, Others, "CLIENT LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]", "Lists open connections.", "2.4.0", List) with
                {
                    Complexity = "O(N) where N is the number of client connections", Tips = ["nondeterministic_output"],
                },
                Row("no-evict", 3, Others, "CLIENT NO-EVICT <ON | OFF>", "Sets the client eviction mode of the connection.", "7.0.0", NoEvict),
                Row("no-touch", 3, Own, "CLIENT NO-TOUCH <ON | OFF>", "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.", "7.2.0", NoTouch),
                Row("pause", -3, Others, "CLIENT PAUSE timeout [WRITE | ALL]", "Suspends commands processing.", "2.9.50", Pause),
                Row("reply", 3, Own, "CLIENT REPLY <ON | OFF | SKIP>", "Instructs the server whether to reply to commands.", "3.2.0", Reply),
                Row("setinfo", 4, Own, "CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>", "Sets information specific to the client or connection.", "7.2.0", SetInfo),
                Row("setname", 3, Own, "CLIENT SETNAME connection-name", "Sets the connection name.", "2.6.9", SetName),
                Row("unblock", -3, Others, "CLIENT UNBLOCK client-id [TIMEOUT | ERROR]", "Unblocks a client blocked by a blocking command from a different connection.", "5.0.0", Unblock) with
                {
                    Complexity = "O(log N) where N is the number of client connections",
                },
                Row("unpause", 2, Others, "CLIENT UNPAUSE", "Resumes processing commands from paused clients.", "6.2.0", Unpause) with
                {
                    Complexity = "O(N) Where N is the number of paused clients",
                },
            ],
        },
    ];

    private static CommandRow Row(string name, int arity, CommandFlags flags, string syntax, string summary, string since, CommandHandler handler) =>
        new(name, arity, flags, AclCategories.Connection, CommandScope.Gateway, handler)
        {
            Group = "connection", Since = since, Syntax = syntax, Summary = summary,
        };

    // CLIENT ID
    private static void Id(CommandContext context, ref ReplyWriter reply) => reply.Integer(context.Client().Id);

    // CLIENT GETNAME
    private static void GetName(CommandContext context, ref ReplyWriter reply)
    {
        var name = context.Client().Name;
        if (name.Length == 0) reply.Null();
        else reply.Bulk(name);
    }

    // CLIENT SETNAME connection-name
    private static void SetName(CommandContext context, ref ReplyWriter reply)
    {
        if (!RespConnection.IsValidName(context.Args[2]))
        {
            reply.Error("ERR Client names cannot contain spaces, newlines or special characters."u8);
            return;
        }

        context.Client().Name = Encoding.UTF8.GetString(context.Args[2]);
        reply.Ok();
    }

    // CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>
    private static void SetInfo(CommandContext context, ref ReplyWriter reply)
    {
        var attribute = Encoding.UTF8.GetString(context.Args[2]);
        var isName = attribute.Equals("lib-name", StringComparison.OrdinalIgnoreCase);
        if (!isName && !attribute.Equals("lib-ver", StringComparison.OrdinalIgnoreCase))
        {
            reply.Error($"ERR Unrecognized option '{attribute}'");
            return;
        }

        if (!RespConnection.IsValidName(context.Args[3]))
        {
            reply.Error($"ERR {attribute} cannot contain spaces, newlines or special characters.");
            return;
        }

        var value = Encoding.UTF8.GetString(context.Args[3]);
        if (isName) context.Client().LibraryName = value;
        else context.Client().LibraryVersion = value;
        reply.Ok();
    }

    // CLIENT INFO
    private static void Info(CommandContext context, ref ReplyWriter reply) =>
        reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(context.Client().Describe(context.NowMs, isSelf: true) + "\n"));

    // CLIENT LIST [TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]
    private static void List(CommandContext context, ref ReplyWriter reply)
    {
        IEnumerable<RespConnection> clients = context.Server().Clients.All.Where(client => !client.IsKilled);
        var read = context.Read(2);
        if (read.TryWord("type"u8) && read.Remaining == 1)
        {
            var type = Encoding.UTF8.GetString(read.Next());
            if (!TryParseType(type, out var matches)) read.Fail(Encoding.UTF8.GetBytes($"ERR Unknown client type '{type}'"));
            else clients = clients.Where(matches);
        }
        else if (read.TryWord("id"u8) && read.HasMore)
        {
            clients = FindAll(context, ref read);
        }
        else if (context.Args.Count > 2)
        {
            read.Fail(ErrorText.Syntax);
        }

        if (read.WriteError(ref reply)) return;
        var text = new StringBuilder();
        foreach (var client in clients) text.Append(client.Describe(context.NowMs, client == context.Client())).Append('\n');
        reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(text.ToString()));
    }

    // The clients of these ids, in their order, as often as they are named.
    private static List<RespConnection> FindAll(CommandContext context, ref ArgumentReader read)
    {
        var found = new List<RespConnection>();
        while (read.HasMore)
        {
            var id = read.NextInteger("ERR Invalid client ID"u8);
            if (!read.Failed && context.Server().Clients.Find(id) is { IsKilled: false } client) found.Add(client);
        }

        return found;
    }

    // CLIENT REPLY <ON | OFF | SKIP>
    private static void Reply(CommandContext context, ref ReplyWriter reply)
    {
        var client = context.Client();
        var read = context.Read(2);
        if (read.TryWord("on"u8))
        {
            client.ReplyMode = ReplyMode.On;
            reply.Ok();
        }
        else if (read.TryWord("off"u8))
        {
            client.ReplyMode = ReplyMode.Off;
        }
        else if (read.TryWord("skip"u8))
        {
            if (client.ReplyMode == ReplyMode.On) client.ReplyMode = ReplyMode.SkipOne;
            else if (client.ReplyMode == ReplyMode.SkipOne) client.ReplyMode = ReplyMode.SkipNext;
        }
        else
        {
            reply.Error(ErrorText.Syntax);
        }
    }

    // CLIENT NO-EVICT <ON | OFF>
    private static void NoEvict(CommandContext context, ref ReplyWriter reply)
    {
        if (TryReadSwitch(context, ref reply, out var value)) context.Client().NoEvict = value;
    }

    // CLIENT NO-TOUCH <ON | OFF>
    private static void NoTouch(CommandContext context, ref ReplyWriter reply)
    {
        if (TryReadSwitch(context, ref reply, out var value)) context.Client().NoTouch = value;
    }

    // CLIENT PAUSE timeout [WRITE | ALL]
    private static void Pause(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count > 4)
        {
            reply.Error(ErrorText.UnknownSubcommandOrArity(context.Args));
            return;
        }

        var kind = PauseKind.All;
        var read = context.Read(3);
        if (read.TryWord("write"u8)) kind = PauseKind.Write;
        else read.TryWord("all"u8);
        if (read.HasMore) read.Fail("ERR CLIENT PAUSE mode must be WRITE or ALL"u8);
        if (read.WriteError(ref reply)) return;
        read = context.Read(2);
        var timeoutMs = read.NextInteger(ErrorText.TimeoutNotInteger);
        if (!read.Failed && timeoutMs < 0) read.Fail(ErrorText.TimeoutNegative);
        if (!read.Failed && timeoutMs > long.MaxValue - context.NowMs) read.Fail(ErrorText.TimeoutOutOfRange);
        if (read.WriteError(ref reply)) return;
        context.Server().Pause.Start(kind, context.NowMs + timeoutMs, context.NowMs);
        reply.Ok();
    }

    // CLIENT UNPAUSE
    private static void Unpause(CommandContext context, ref ReplyWriter reply)
    {
        context.Server().Unpause();
        reply.Ok();
    }

    // CLIENT UNBLOCK client-id [TIMEOUT | ERROR]
    private static void Unblock(CommandContext context, ref ReplyWriter reply)
    {
        var read = context.Read(2);
        var id = read.NextInteger();
        var withError = false;
        if (read.TryWord("error"u8)) withError = true;
        else read.TryWord("timeout"u8);
        if (read.HasMore) read.Fail("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"u8);
        if (read.WriteError(ref reply)) return;
        reply.Integer(context.Server().Clients.Find(id)?.RequestUnblock(withError) == true ? 1 : 0);
    }

    // CLIENT HELP
    private static void Help(CommandContext context, ref ReplyWriter reply) => HelpText.Write("CLIENT", ref reply,
        "GETNAME", "    Return the name of the current connection.", "ID", "    Return the ID of the current connection.",
        "INFO", "    Return information about the current client connection.", "KILL <ip:port>", "    Kill connection made from <ip:port>.",
        "KILL <option> <value> [<option> <value> [...]]", "    Kill connections. Options are:",
        "    * ADDR (<ip:port>|<unixsocket>:0)", "      Kill connections made from the specified address",
        "    * LADDR (<ip:port>|<unixsocket>:0)", "      Kill connections made to specified local address",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Kill connections by type.", "    * USER <username>", "      Kill connections authenticated by <username>.",
        "    * SKIPME (YES|NO)", "      Skip killing current connection (default: yes).", "    * ID <client-id>", "      Kill connections by client id.",
        "LIST [options ...]", "    Return information about client connections. Options:", "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)", "      Return clients of specified type.",
        "UNPAUSE", "    Stop the current client pause, resuming traffic.", "PAUSE <timeout> [WRITE|ALL]", "    Suspend all, or just write, clients for <timeout> milliseconds.",
        "REPLY (ON|OFF|SKIP)", "    Control the replies sent to the current connection.", "SETNAME <name>", "    Assign the name <name> to the current connection.",
        "SETINFO <option> <value>", "    Set client meta attr. Options are:", "    * LIB-NAME: the client lib name.", "    * LIB-VER: the client lib version.",
        "UNBLOCK <clientid> [TIMEOUT|ERROR]", "    Unblock the specified blocked client.",
        "NO-EVICT (ON|OFF)", "    Protect current client connection from eviction.", "NO-TOUCH (ON|OFF)", "    Will not touch LRU/LFU stats when this mode is on.");

    private static bool TryReadSwitch(CommandContext context, ref ReplyWriter reply, out bool value)
    {
        var read = context.Read(2);
        value = read.TryWord("on"u8);
        if (!value && !read.TryWord("off"u8))
        {
            reply.Error(ErrorText.Syntax);
            return false;
        }

        reply.Ok();
        return true;
    }

    // Which clients a TYPE option means. Masters and replicas connect only where replication with other servers exists.
    private static bool TryParseType(string type, out Func<RespConnection, bool> matches)
    {
        matches = type.ToLowerInvariant() switch
        {
            "normal" => client => !client.IsSubscriber,
            "pubsub" => client => client.IsSubscriber,
            "master" or "replica" or "slave" => _ => false,
            _ => null!,
        };
        return matches != null;
    }
}
