using System.Security.Cryptography;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

/// <summary>Commands on the connection itself: greeting, authentication, the selected database, leaving.</summary>
internal static class ConnectionCommands
{
    private const CommandFlags Greeting = CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast
        | CommandFlags.NoAuth | CommandFlags.AllowBusy;

    public static IEnumerable<CommandRow> Rows =>
    [
        new("ping", -1, CommandFlags.Fast, AclCategories.Connection, CommandScope.Connection, Ping)
        {
            Group = "connection", Syntax = "PING [message]", Summary = "Returns the server's liveliness response.",
            Tips = ["request_policy:all_shards", "response_policy:all_succeeded"],
        },
        new("echo", 2, CommandFlags.Fast | CommandFlags.Loading | CommandFlags.Stale, AclCategories.Connection, CommandScope.Connection, Echo)
        {
            Group = "connection", Syntax = "ECHO message", Summary = "Returns the given string.",
        },
        new("auth", -2, Greeting, AclCategories.Connection, CommandScope.Connection, Auth)
        {
            Group = "connection", Syntax = "AUTH [username] password", Complexity = "O(N) where N is the number of passwords defined for the user",
            Summary = "Authenticates the connection.",
        },
        new("hello", -1, Greeting, AclCategories.Connection, CommandScope.Connection, Hello)
        {
            Group = "connection", Since = "6.0.0", Syntax = "HELLO [protover [AUTH username password] [SETNAME clientname]]",
            Summary = "Handshakes with the Redis server.",
        },
        new("quit", -1, Greeting, AclCategories.Connection, CommandScope.Connection, Quit)
        {
            Group = "connection", Syntax = "QUIT", Summary = "Closes the connection.",
        },
        new("reset", 1, Greeting, AclCategories.Connection, CommandScope.Gateway, Reset)
        {
            Group = "connection", Since = "6.2.0", Syntax = "RESET", Summary = "Resets the connection.",
        },
        new("select", 2, CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast, AclCategories.Connection, CommandScope.Connection, Select)
        {
            Group = "connection", Syntax = "SELECT index", Summary = "Changes the selected database.",
        },
    ];

    // PING [message]
    private static void Ping(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count > 2)
        {
            reply.Error(ErrorText.WrongArity("ping"));
            return;
        }

        if (context.Client().IsSubscriber && !reply.Resp3)
        {
            reply.Array(2);
            reply.Bulk("pong"u8);
            reply.Bulk(context.Args.Count == 2 ? context.Args[1] : default);
        }
        else if (context.Args.Count == 2)
        {
            reply.Bulk(context.Args[1]);
        }
        else
        {
            reply.Raw("+PONG\r\n"u8);
        }
    }

    // ECHO message
    private static void Echo(CommandContext context, ref ReplyWriter reply) => reply.Bulk(context.Args[1]);

    // AUTH [username] password
    private static void Auth(CommandContext context, ref ReplyWriter reply)
    {
        var args = context.Args;
        if (args.Count > 3)
        {
            reply.Error(ErrorText.Syntax);
            return;
        }

        if (args.Count == 2 && context.Config.RequirePass == null)
        {
            reply.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"u8);
            return;
        }

        var user = args.Count == 3 ? args[1] : "default"u8;
        if (TryAuthenticate(context.Client(), user, args[args.Count - 1], ref reply)) reply.Ok();
    }

    // HELLO [protover [AUTH username password] [SETNAME clientname]]
    private static void Hello(CommandContext context, ref ReplyWriter reply)
    {
        var client = context.Client();
        var read = context.Read(1);
        long version = reply.Resp3 ? 3 : 2;
        if (read.HasMore) version = read.NextInteger("ERR Protocol version is not an integer or out of range"u8);
        if (!read.Failed && version is < 2 or > 3) read.Fail("NOPROTO unsupported protocol version"u8);
        ReadOnlySpan<byte> user = default, password = default, name = default;
        bool hasAuth = false, hasName = false;
        while (read.HasMore)
        {
            if (read.Remaining >= 3 && read.TryWord("auth"u8))
            {
                hasAuth = true;
                user = read.Next();
                password = read.Next();
            }
            else if (read.Remaining >= 2 && read.TryWord("setname"u8))
            {
                hasName = true;
                name = read.Next();
                if (!RespConnection.IsValidName(name)) read.Fail("ERR Client names cannot contain spaces, newlines or special characters."u8);
            }
            else
            {
                reply.Error($"ERR Syntax error in HELLO option '{Encoding.UTF8.GetString(read.Next())}'");
                return;
            }
        }

        if (read.WriteError(ref reply)) return;
        if (hasAuth && !TryAuthenticate(client, user, password, ref reply)) return;
        if (!client.IsAuthenticated)
        {
            reply.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"u8);
            return;
        }

        if (hasName) client.Name = Encoding.UTF8.GetString(name);
        client.Resp3 = reply.Resp3 = version == 3;
        WriteGreeting(client, version, ref reply);
    }

    // QUIT
    private static void Quit(CommandContext context, ref ReplyWriter reply)
    {
        reply.Ok();
        context.Client().CloseAfterReply();
    }

    // RESET
    private static void Reset(CommandContext context, ref ReplyWriter reply)
    {
        context.Client().Reset();
        reply.Resp3 = false;
        reply.SimpleString("RESET"u8);
    }

    // SELECT index
    private static void Select(CommandContext context, ref ReplyWriter reply)
    {
        var read = context.Read(1);
        var index = read.NextInteger(ErrorText.NotInteger);
        if (!read.Failed && index != 0 && context.Config.ClusterEnabled) read.Fail("ERR SELECT is not allowed in cluster mode"u8);
        if (!read.Failed && (index < 0 || index >= context.Store.DatabaseCount)) read.Fail(ErrorText.DbIndexOutOfRange);
        if (read.WriteError(ref reply)) return;
        context.Session.Database = (int)index;
        reply.Ok();
    }

    private static bool TryAuthenticate(RespConnection client, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password, ref ReplyWriter reply)
    {
        var expected = client.Server.Config.RequirePass;
        if (user.SequenceEqual("default"u8) && (expected == null || CryptographicOperations.FixedTimeEquals(expected, password)))
        {
            client.IsAuthenticated = true;
            return true;
        }

        reply.Error("WRONGPASS invalid username-password pair or user is disabled."u8);
        return false;
    }

    private static void WriteGreeting(RespConnection client, long version, ref ReplyWriter reply)
    {
        reply.Map(7);
        reply.Bulk("server"u8);
        reply.Bulk("redis"u8);
        reply.Bulk("version"u8);
        reply.Bulk(Product.RedisVersion);
        reply.Bulk("proto"u8);
        reply.Integer(version);
        reply.Bulk("id"u8);
        reply.Integer(client.Id);
        reply.Bulk("mode"u8);
        reply.Bulk(client.Server.IsClusterMode ? "cluster"u8 : "standalone"u8);
        reply.Bulk("role"u8);
        reply.Bulk(new Server.ReplicationView(client.Server).Master == null ? "master"u8 : "replica"u8);
        reply.Bulk("modules"u8);
        reply.EmptyArray();
    }
}
