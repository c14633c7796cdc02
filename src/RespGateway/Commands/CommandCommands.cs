using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Commands;

/// <summary>COMMAND: the command table as clients read it.</summary>
internal static class CommandCommands
{
    private const CommandFlags Flags = CommandFlags.Loading | CommandFlags.Stale;

    public static IEnumerable<CommandRow> Rows =>
    [
        new("command", -1, Flags, AclCategories.Connection, CommandScope.Gateway, All)
        {
            Group = "server", Since = "2.8.13", Syntax = "COMMAND", Summary = "Returns detailed information about all commands.",
            Complexity = "O(N) where N is the total number of Redis commands", Tips = ["nondeterministic_output_order"],
            Subcommands =
            [
                Row("count", 2, "COMMAND COUNT", "Returns a count of commands.", "2.8.13", Count),
                Row("docs", -2, "COMMAND DOCS [command-name [command-name ...]]", "Returns documentary information about one, multiple or all commands.", "7.0.0", Docs) with
                {
                    Complexity = "O(N) where N is the number of commands to look up", Tips = ["nondeterministic_output_order"],
                },
                Row("getkeys", -3, "COMMAND GETKEYS command [arg [arg ...]]", "Extracts the key names from an arbitrary command.", "2.8.13", GetKeys) with
                {
                    Complexity = "O(N) where N is the number of arguments to the command",
                },
                Row("getkeysandflags", -3, "COMMAND GETKEYSANDFLAGS command [arg [arg ...]]", "Extracts the key names and access flags for an arbitrary command.", "7.0.0", GetKeysAndFlags) with
                {
                    Complexity = "O(N) where N is the number of arguments to the command",
                },
                Row("help", 2, "COMMAND HELP", "Returns helpful text about the different subcommands.", "5.0.0", Help),
                Row("info", -2, "COMMAND INFO [command-name [command-name ...]]", "Returns information about one, multiple or all commands.", "2.8.13", Info) with
                {
                    Complexity = "O(N) where N is the number of commands to look up", Tips = ["nondeterministic_output_order"],
                },
                Row("list", -2, "COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]", "Returns a list of command names.", "7.0.0", List) with
                {
                    Complexity = "O(N) where N is the total number of Redis commands", Tips = ["nondeterministic_output_order"],
                },
            ],
        },
    ];

    private static CommandRow Row(string name, int arity, string syntax, string summary, string since, CommandHandler handler) =>
        new(name, arity, Flags, AclCategories.Connection, CommandScope.Gateway, handler)
        {
            Group = "server", Since = since, Syntax = syntax, Summary = summary,
        };

    // COMMAND
    private static void All(CommandContext context, ref ReplyWriter reply)
    {
        var rows = context.Store.Commands.Rows;
        reply.Array(rows.Count);
        foreach (var row in rows) CommandDescription.Write(row, ref reply);
    }

    // COMMAND COUNT
    private static void Count(CommandContext context, ref ReplyWriter reply) => reply.Integer(context.Store.Commands.Rows.Count);

    // COMMAND INFO [command-name [command-name ...]]
    private static void Info(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count == 2)
        {
            All(context, ref reply);
            return;
        }

        reply.Array(context.Args.Count - 2);
        for (var i = 2; i < context.Args.Count; i++)
        {
            var row = context.Store.Commands.FindByFullName(context.Args[i]);
            if (row == null) reply.NullArray();
            else CommandDescription.Write(row, ref reply);
        }
    }

    // COMMAND DOCS [command-name [command-name ...]]
    private static void Docs(CommandContext context, ref ReplyWriter reply)
    {
        var rows = new List<CommandRow>();
        if (context.Args.Count == 2) rows.AddRange(context.Store.Commands.Rows);
        for (var i = 2; i < context.Args.Count; i++)
            if (context.Store.Commands.FindByFullName(context.Args[i]) is { } row) rows.Add(row);
        reply.Map(rows.Count);
        foreach (var row in rows)
        {
            reply.Bulk(row.FullName);
            CommandDocumentation.Write(row, ref reply);
        }
    }

    // COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]
    private static void List(CommandContext context, ref ReplyWriter reply)
    {
        var read = context.Read(2);
        Func<CommandRow, bool> matches = _ => true;
        if (read.HasMore)
        {
            if (!read.TryWord("filterby"u8) || read.Remaining != 2) read.Fail(ErrorText.Syntax);
            else if (read.TryWord("module"u8)) matches = _ => false;
            else if (read.TryWord("aclcat"u8)) matches = MatchesCategory(Encoding.UTF8.GetString(read.Next()));
            else if (read.TryWord("pattern"u8)) matches = MatchesPattern(read.Next().ToArray());
            else read.Fail(ErrorText.Syntax);
        }

        if (read.WriteError(ref reply)) return;
        var names = context.Store.Commands.All.Where(matches).Select(row => row.FullName).ToArray();
        reply.Set(names.Length);
        foreach (var name in names) reply.Bulk(name);
    }

    // COMMAND GETKEYS command [arg [arg ...]]
    private static void GetKeys(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryFindKeys(context, ref reply, out var keys)) return;
        reply.Array(keys.Count);
        foreach (var (index, _) in keys) reply.Bulk(context.Args[index]);
    }

    // COMMAND GETKEYSANDFLAGS command [arg [arg ...]]
    private static void GetKeysAndFlags(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryFindKeys(context, ref reply, out var keys)) return;
        reply.Array(keys.Count);
        foreach (var (index, flags) in keys)
        {
            reply.Array(2);
            reply.Bulk(context.Args[index]);
            CommandDescription.WriteFlags(flags, ref reply);
        }
    }

    // COMMAND HELP
    private static void Help(CommandContext context, ref ReplyWriter reply) => HelpText.Write("COMMAND", ref reply,
        "(no subcommand)", "    Return details about all Redis commands.", "COUNT", "    Return the total number of commands in this Redis server.",
        "LIST", "    Return a list of all commands in this Redis server.", "INFO [<command-name> ...]", "    Return details about multiple Redis commands.",
        "    If no command names are given, documentation details for all", "    commands are returned.", "DOCS [<command-name> ...]",
        "    Return documentation details about multiple Redis commands.", "    If no command names are given, documentation details for all",
        "    commands are returned.", "GETKEYS <full-command>", "    Return the keys from a full Redis command.", "GETKEYSANDFLAGS <full-command>",
        "    Return the keys and the access flags from a full Redis command.");

    // The keys of the command that is given from argument 2 on, as indices into this command's arguments.
    private static bool TryFindKeys(CommandContext context, ref ReplyWriter reply, out List<(int Index, string Flags)> keys)
    {
        keys = [];
        var inner = new byte[context.Args.Count - 2][];
        for (var i = 0; i < inner.Length; i++) inner[i] = context.Args[i + 2].ToArray();
        var args = ArgumentList.Of(inner);
        var row = context.Store.Commands.Find(args[0]);
        if (row is { Subcommands.Length: > 0 } && args.Count > 1) row = context.Store.Commands.FindSubcommand(row, args[1]);
        if (row == null)
        {
            reply.Error("ERR Invalid command specified"u8);
            return false;
        }

        if (row.Keys.Length == 0)
        {
            reply.Error("ERR The command has no key arguments"u8);
            return false;
        }

        if (!row.AcceptsCount(args.Count))
        {
            reply.Error("ERR Invalid number of arguments specified for command"u8);
            return false;
        }

        foreach (var spec in row.Keys)
        {
            var (first, last) = spec.Resolve(args);
            for (var i = first; i <= last; i += spec.Step) keys.Add((i + 2, spec.Flags));
        }

        if (keys.Count > 0 || row.Is(CommandFlags.NoMandatoryKeys)) return true;
        reply.Error("ERR Invalid arguments specified for command"u8);
        return false;
    }

    private static Func<CommandRow, bool> MatchesCategory(string name) =>
        CommandDescription.TryParseCategory(name, out var category) ? row => (row.AllCategories & category) != 0 : _ => false;

    private static Func<CommandRow, bool> MatchesPattern(byte[] pattern) =>
        row => Glob.IsMatch(pattern, Encoding.ASCII.GetBytes(row.FullName), ignoreCase: true);
}
