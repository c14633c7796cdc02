using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Commands;

/// <summary>Commands on the connection itself.</summary>
internal static class ConnectionCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("ping", -1, CommandFlags.Fast | CommandFlags.Loading | CommandFlags.Stale, AclCategories.Connection, CommandScope.Connection, Ping)
        {
            Group = "connection", Syntax = "PING [message]", Summary = "Returns the server's liveliness response.",
        },
        new("echo", 2, CommandFlags.Fast | CommandFlags.Loading | CommandFlags.Stale, AclCategories.Connection, CommandScope.Connection, Echo)
        {
            Group = "connection", Syntax = "ECHO message", Summary = "Returns the given string.",
        },
    ];

    // PING [message]
    private static void Ping(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count > 2) reply.Error(ErrorText.WrongArity("ping"));
        else if (context.Args.Count == 2) reply.Bulk(context.Args[1]);
        else reply.Raw("+PONG\r\n"u8);
    }

    // ECHO message
    private static void Echo(CommandContext context, ref ReplyWriter reply) => reply.Bulk(context.Args[1]);
}
