using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Commands;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// The subcommands of CLUSTER that change the slot map, as Redis has them: checked against the map as it is known here, in Redis's order and words,
/// then carried out by the map's grain, which checks again.
/// </summary>
internal static class ClusterOrders
{
    private const CommandFlags Change = CommandFlags.Admin | CommandFlags.Stale | CommandFlags.NoAsyncLoading;

    private static readonly Dictionary<string, Handler> Handlers = new(StringComparer.Ordinal)
    {
        ["cluster|addslots"] = order => SlotOrders.AddAsync(order, isRanges: false),
        ["cluster|addslotsrange"] = order => SlotOrders.AddAsync(order, isRanges: true),
        ["cluster|bumpepoch"] = NodeOrders.BumpEpochAsync,
        ["cluster|delslots"] = order => SlotOrders.DeleteAsync(order, isRanges: false),
        ["cluster|delslotsrange"] = order => SlotOrders.DeleteAsync(order, isRanges: true),
        ["cluster|failover"] = NodeOrders.FailOverAsync,
        ["cluster|flushslots"] = SlotOrders.FlushAsync,
        ["cluster|forget"] = NodeOrders.ForgetAsync,
        ["cluster|meet"] = NodeOrders.MeetAsync,
        ["cluster|replicate"] = NodeOrders.ReplicateAsync,
        ["cluster|reset"] = NodeOrders.ResetAsync,
        ["cluster|saveconfig"] = NodeOrders.SaveConfigAsync,
        ["cluster|set-config-epoch"] = NodeOrders.SetConfigEpochAsync,
        ["cluster|setslot"] = SlotOrders.SetAsync,
    };

    /// <summary>Gives the reply: "+" and a simple string, or "-" and an error.</summary>
    private delegate Task<string> Handler(ClusterOrder order);

    public static CommandRow[] Rows =>
    [
        Row("addslots", -3, "CLUSTER ADDSLOTS slot [slot ...]", "Assigns new hash slots to a node.", "O(N) where N is the total number of hash slot arguments"),
        Row(
            "addslotsrange", -4, "CLUSTER ADDSLOTSRANGE start-slot end-slot [start-slot end-slot ...]", "Assigns new hash slot ranges to a node.",
            "O(N) where N is the total number of the slots between the start slot and end slot arguments.") with { Since = "7.0.0" },
        Row("bumpepoch", 2, "CLUSTER BUMPEPOCH", "Advances the cluster config epoch.") with { Tips = ["nondeterministic_output"] },
        Row(
            "delslots", -3, "CLUSTER DELSLOTS slot [slot ...]", "Sets hash slots as unbound for a node.",
            "O(N) where N is the total number of hash slot arguments"),
        Row(
            "delslotsrange", -4, "CLUSTER DELSLOTSRANGE start-slot end-slot [start-slot end-slot ...]", "Sets hash slot ranges as unbound for a node.",
            "O(N) where N is the total number of the slots between the start slot and end slot arguments.") with { Since = "7.0.0" },
        Row("failover", -2, "CLUSTER FAILOVER [FORCE | TAKEOVER]", "Forces a replica to perform a manual failover of its master."),
        Row("flushslots", 2, "CLUSTER FLUSHSLOTS", "Deletes all slots information from a node."),
        Row("forget", 3, "CLUSTER FORGET node-id", "Removes a node from the nodes table."),
        Row("meet", -4, "CLUSTER MEET ip port [cluster-bus-port]", "Forces a node to handshake with another node."),
        Row("replicate", 3, "CLUSTER REPLICATE node-id", "Configure a node as replica of a master node."),
        Row(
            "reset", -2, "CLUSTER RESET [HARD | SOFT]", "Resets a node.",
            "O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.") with
        {
            Flags = CommandFlags.Admin | CommandFlags.Stale | CommandFlags.NoScript,
        },
        Row("saveconfig", 2, "CLUSTER SAVECONFIG", "Forces a node to save the cluster configuration to disk."),
        Row("set-config-epoch", 3, "CLUSTER SET-CONFIG-EPOCH config-epoch", "Sets the configuration epoch for a new node."),
        Row(
            "setslot", -4, "CLUSTER SETSLOT slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>", "Binds a hash slot to a node."),
    ];

    /// <summary>Whether a transaction changes the map: then it is carried out by <see cref="Defer"/>.</summary>
    public static bool IsIn(IReadOnlyList<(CommandRow Row, ArgumentList Args)> commands) => commands.Any(command => Handlers.ContainsKey(command.Row.FullName));

    /// <summary>Carries out a transaction's orders, one after the other. They come with no other commands, which are executed here and now.</summary>
    public static void Defer(RespConnection client, (CommandRow Row, ArgumentList Args)[] commands, ref ReplyWriter reply)
    {
        if (Array.Exists(commands, command => !Handlers.ContainsKey(command.Row.FullName)))
        {
            reply.Error("EXECABORT CLUSTER's subcommands that change the slot map are in no transaction with other commands"u8);
            return;
        }

        client.Defer(async () =>
        {
            var replies = new List<string>();
            foreach (var (row, args) in commands) replies.Add(await Handlers[row.FullName](new ClusterOrder(client.Server, args)).ConfigureAwait(false));
            return (ref ReplyWriter writer) =>
            {
                writer.Array(replies.Count);
                foreach (var text in replies) Write(text, ref writer);
            };
        });
    }

    private static CommandRow Row(string name, int arity, string syntax, string summary, string complexity = "O(1)") =>
        new(name, arity, Change, AclCategories.None, CommandScope.Gateway, Start)
        {
            Group = "cluster", Since = "3.0.0", Syntax = syntax, Summary = summary, Complexity = complexity,
        };

    private static void Start(CommandContext context, ref ReplyWriter reply)
    {
        var client = context.Client();
        if (!client.Server.IsClusterMode)
        {
            reply.Error("ERR This instance has cluster support disabled"u8);
            return;
        }

        var handler = Handlers[context.Row.FullName];
        var order = new ClusterOrder(client.Server, context.Args.Own());
        client.Defer(async () =>
        {
            var text = await handler(order).ConfigureAwait(false);
            return (ref ReplyWriter writer) => Write(text, ref writer);
        });
    }

    private static void Write(string text, ref ReplyWriter reply)
    {
        if (text[0] == '-') reply.Error(text[1..]);
        else reply.SimpleString(Encoding.UTF8.GetBytes(text[1..]));
    }
}
