using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

/// <summary>CONFIG: the parameters of the running server. What they are and take is in Engine/Configuration.</summary>
internal static class ConfigCommands
{
    private const CommandFlags Own = CommandFlags.Admin | CommandFlags.NoScript | CommandFlags.Loading | CommandFlags.Stale;

    public static IEnumerable<CommandRow> Rows =>
    [
        new("config", -2, CommandFlags.None, AclCategories.None, CommandScope.Gateway, null)
        {
            Group = "server", Since = "2.0.0", Summary = "A container for server configuration commands.", Complexity = "Depends on subcommand.",
            Subcommands =
            [
                new("get", -3, Own, AclCategories.None, CommandScope.Gateway, Get)
                {
                    Group = "server", Since = "2.0.0", Syntax = "CONFIG GET parameter [parameter ...]",
                    Summary = "Returns the effective values of configuration parameters.", Complexity = "O(N) when N is the number of configuration parameters provided",
                },
                new("help", 2, CommandFlags.Loading | CommandFlags.Stale, AclCategories.None, CommandScope.Gateway, Help)
                {
                    Group = "server", Since = "5.0.0", Syntax = "CONFIG HELP", Summary = "Returns helpful text about the different subcommands.",
                },
                new("resetstat", 2, Own, AclCategories.None, CommandScope.Gateway, ResetStatistics)
                {
                    Group = "server", Since = "2.0.0", Syntax = "CONFIG RESETSTAT", Summary = "Resets the server's statistics.",
                    Tips = ["request_policy:all_nodes", "response_policy:all_succeeded"],
                },
                new("rewrite", 2, Own, AclCategories.None, CommandScope.Gateway, Rewrite)
                {
                    Group = "server", Since = "2.8.0", Syntax = "CONFIG REWRITE", Summary = "Persists the effective configuration to file.",
                    Tips = ["request_policy:all_nodes", "response_policy:all_succeeded"],
                },
                new("set", -4, Own, AclCategories.None, CommandScope.Gateway, Set)
                {
                    Group = "server", Since = "2.0.0", Syntax = "CONFIG SET parameter value [parameter value ...]",
                    Summary = "Sets configuration parameters in-flight.", Complexity = "O(N) when N is the number of configuration parameters provided",
                    Tips = ["request_policy:all_nodes", "response_policy:all_succeeded"],
                },
            ],
        },
    ];

    // CONFIG GET parameter [parameter ...]
    private static void Get(CommandContext context, ref ReplyWriter reply)
    {
        var found = ConfigEditor.Get(context.Config, TextsFrom(context.Args, 2));
        reply.Map(found.Count);
        foreach (var (name, value) in found)
        {
            reply.Bulk(ConfigText.ToBytes(name));
            reply.Bulk(ConfigText.ToBytes(value));
        }
    }

    // CONFIG SET parameter value [parameter value ...]
    private static void Set(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count % 2 != 0)
        {
            reply.Error(ErrorText.Syntax);
            return;
        }

        var pairs = TextsFrom(context.Args, 2);
        var client = context.Client();
        var error = ConfigEditor.Set(context.Config, pairs, client.IsLocal);
        var hasOthers = client.MayBlock && client.Server is { IsProxyMode: true, HasOtherGateways: true };
        if (error is null && hasOthers && ConfigEditor.OfCluster(pairs) is { Length: > 0 } shared) TellOthers(client, shared);
        else Answer(error, ref reply);
    }

    // Servers that serve one keyspace are to do it alike, whichever of them the client is connected to.
    private static void TellOthers(RespConnection client, string[] pairs)
    {
        var (relay, isLocal) = (client.Server.PubSub.Relay!, client.IsLocal);
        client.Defer(async () =>
        {
            var errors = await relay.TellAllAsync((messenger, silo) => messenger.ConfigureAsync(silo, pairs, isLocal)).ConfigureAwait(false);
            if (errors.Count == 0) return (ref ReplyWriter writer) => writer.Ok();
            return (ref ReplyWriter writer) => writer.Error(ConfigText.ToBytes($"ERR Set here, but not on every server: {string.Join("; ", errors)}"));
        });
    }

    // CONFIG RESETSTAT
    private static void ResetStatistics(CommandContext context, ref ReplyWriter reply)
    {
        context.Server().ResetStatistics();
        reply.Ok();
    }

    // CONFIG REWRITE
    private static void Rewrite(CommandContext context, ref ReplyWriter reply) => Answer(ConfigRewriter.Rewrite(context.Config), ref reply);

    // CONFIG HELP
    private static void Help(CommandContext context, ref ReplyWriter reply) => HelpText.Write("CONFIG", ref reply,
        "GET <pattern>", "    Return parameters matching the glob-like <pattern> and their values.",
        "SET <directive> <value>", "    Set the configuration <directive> to <value>.",
        "RESETSTAT", "    Reset statistics reported by the INFO command.", "REWRITE", "    Rewrite the configuration file.");

    private static void Answer(string? error, ref ReplyWriter reply)
    {
        if (error is null) reply.Ok();
        else reply.Error(ConfigText.ToBytes("ERR " + error));
    }

    private static string[] TextsFrom(ArgumentList args, int first)
    {
        var texts = new string[args.Count - first];
        for (var i = 0; i < texts.Length; i++) texts[i] = ConfigText.FromBytes(args[first + i]);
        return texts;
    }
}
