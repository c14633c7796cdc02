using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

internal static partial class ClientCommands
{
    // CLIENT KILL <ip:port | <[ID client-id] | [TYPE type] | [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] ...>
    private static void Kill(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count == 3)
        {
            KillByAddress(context, ref reply);
            return;
        }

        var filters = new List<Func<RespConnection, bool>>();
        var skipMe = true;
        var read = context.Read(2);
        while (read.HasMore)
        {
            if (read.Remaining < 2) read.Fail(ErrorText.Syntax);
            else if (read.TryWord("skipme"u8)) skipMe = ReadSkipMe(ref read);
            else AddFilter(ref read, filters);
        }

        if (read.WriteError(ref reply)) return;
        var killed = 0;
        foreach (var client in context.Server().Clients.All)
        {
            if (client.IsKilled || !filters.TrueForAll(matches => matches(client)) || (skipMe && client == context.Client())) continue;
            KillOne(context, client);
            killed++;
        }

        reply.Integer(killed);
    }

    private static void KillByAddress(CommandContext context, ref ReplyWriter reply)
    {
        var address = Encoding.UTF8.GetString(context.Args[2]);
        var client = Array.Find(context.Server().Clients.All, c => !c.IsKilled && c.Transport.RemoteAddress == address);
        if (client == null)
        {
            reply.Error("ERR No such client"u8);
            return;
        }

        KillOne(context, client);
        reply.Ok();
    }

    private static void AddFilter(ref ArgumentReader read, List<Func<RespConnection, bool>> filters)
    {
        if (read.TryWord("id"u8))
        {
            var id = read.NextInteger("ERR client-id should be greater than 0"u8);
            if (!read.Failed && id < 1) read.Fail("ERR client-id should be greater than 0"u8);
            filters.Add(client => client.Id == id);
        }
        else if (read.TryWord("type"u8))
        {
            var type = Encoding.UTF8.GetString(read.Next());
            if (TryParseType(type, out var matches)) filters.Add(matches);
            else read.Fail(Encoding.UTF8.GetBytes($"ERR Unknown client type '{type}'"));
        }
        else if (read.TryWord("addr"u8))
        {
            var address = Encoding.UTF8.GetString(read.Next());
            filters.Add(client => client.Transport.RemoteAddress == address);
        }
        else if (read.TryWord("laddr"u8))
        {
            var address = Encoding.UTF8.GetString(read.Next());
            filters.Add(client => client.Transport.LocalAddress == address);
        }
        else if (read.TryWord("user"u8))
        {
            var user = Encoding.UTF8.GetString(read.Next());
            if (user != "default") read.Fail(Encoding.UTF8.GetBytes($"ERR No such user '{user}'"));
        }
        else
        {
            read.Fail(ErrorText.Syntax);
        }
    }

    private static bool ReadSkipMe(ref ArgumentReader read)
    {
        if (read.TryWord("yes"u8)) return true;
        if (!read.TryWord("no"u8)) read.Fail(ErrorText.Syntax);
        return false;
    }

    // A client that kills itself still gets the reply.
    private static void KillOne(CommandContext context, RespConnection client)
    {
        if (client == context.Client()) client.CloseAfterReply();
        else client.Kill();
    }
}
