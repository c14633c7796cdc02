using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Commands;

namespace OrleansKv.RespGateway.Cluster;

internal static partial class ClusterCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("cluster", -2, CommandFlags.None, AclCategories.None, CommandScope.Gateway, null)
        {
            Group = "cluster", Since = "3.0.0", Summary = "A container for Redis Cluster commands.", Complexity = "Depends on subcommand.",
            Subcommands = [.. Subcommands, .. ClusterOrders.Rows],
        },
        OfSession("readonly", Session, "3.0.0", "Enables read-only queries for a connection to a Redis Cluster replica node.", ReadOnly),
        OfSession("readwrite", Session, "3.0.0", "Enables read-write queries for a connection to a Redis Cluster replica node.", ReadWrite),
        OfSession("asking", CommandFlags.Fast, "3.0.0", "Signals that a cluster client is following an -ASK redirect.", Asking),
    ];

    private static CommandRow[] Subcommands =>
    [
        Row("count-failure-reports", 3, "CLUSTER COUNT-FAILURE-REPORTS node-id", "3.0.0", "Returns the number of active failure reports active for a node.", CountFailureReports) with
        {
            Flags = Look | CommandFlags.Admin, Complexity = "O(N) where N is the number of failure reports", Tips = ["nondeterministic_output"],
        },
        Row("countkeysinslot", 3, "CLUSTER COUNTKEYSINSLOT slot", "3.0.0", "Returns the number of keys in a hash slot.", CountKeysInSlot),
        Row("getkeysinslot", 4, "CLUSTER GETKEYSINSLOT slot count", "3.0.0", "Returns the key names in a hash slot.", GetKeysInSlot) with
        {
            // It locks a slot that its row does not name.
            Scope = CommandScope.EachSlot, Complexity = "O(N) where N is the number of requested keys", Tips = ["nondeterministic_output"],
        },
        Row("help", 2, "CLUSTER HELP", "5.0.0", "Returns helpful text about the different subcommands.", Help) with { Flags = Look | CommandFlags.Loading },
        Row("info", 2, "CLUSTER INFO", "3.0.0", "Returns information about the state of a node.", Info) with { Tips = ["nondeterministic_output"] },
        Row("keyslot", 3, "CLUSTER KEYSLOT key", "3.0.0", "Returns the hash slot for a key.", KeySlot) with
        {
            Complexity = "O(N) where N is the number of bytes in the key",
        },
        Row("links", 2, "CLUSTER LINKS", "7.0.0", "Returns a list of all TCP links to and from peer nodes.", Links) with
        {
            Complexity = "O(N) where N is the total number of Cluster nodes", Tips = ["nondeterministic_output"],
        },
        Row("myid", 2, "CLUSTER MYID", "3.0.0", "Returns the ID of a node.", MyId),
        Row("myshardid", 2, "CLUSTER MYSHARDID", "7.2.0", "Returns the shard ID of a node.", MyShardId) with { Tips = ["nondeterministic_output"] },
        Row("nodes", 2, "CLUSTER NODES", "3.0.0", "Returns the cluster configuration for a node.", Nodes) with
        {
            Complexity = "O(N) where N is the total number of Cluster nodes", Tips = ["nondeterministic_output"],
        },
        Row("replicas", 3, "CLUSTER REPLICAS node-id", "5.0.0", "Lists the replica nodes of a master node.", Replicas) with
        {
            Flags = Look | CommandFlags.Admin, Complexity = "O(N) where N is the number of replicas.", Tips = ["nondeterministic_output"],
        },
        Row("slaves", 3, "CLUSTER SLAVES node-id", "3.0.0", "Lists the replica nodes of a master node.", Replicas) with
        {
            Flags = Look | CommandFlags.Admin, Complexity = "O(N) where N is the number of replicas.", Tips = ["nondeterministic_output"],
            DeprecatedSince = "5.0.0", ReplacedBy = "`CLUSTER REPLICAS`",
        },
        Row("shards", 2, "CLUSTER SHARDS", "7.0.0", "Returns the mapping of cluster slots to shards.", Shards) with
        {
            Complexity = "O(N) where N is the total number of cluster nodes", Tips = ["nondeterministic_output"],
        },
        Row("slots", 2, "CLUSTER SLOTS", "3.0.0", "Returns the mapping of cluster slots to nodes.", Slots) with
        {
            Complexity = "O(N) where N is the total number of Cluster nodes", Tips = ["nondeterministic_output"],
            DeprecatedSince = "7.0.0", ReplacedBy = "`CLUSTER SHARDS`",
        },
    ];

    private static CommandRow Row(string name, int arity, string syntax, string since, string summary, Handler handler) =>
        new(name, arity, Look, AclCategories.None, CommandScope.Gateway, InClusterMode(handler))
        {
            Group = "cluster", Since = since, Syntax = syntax, Summary = summary,
        };

    private static CommandRow OfSession(string name, CommandFlags flags, string since, string summary, Handler handler) =>
        new(name, 1, flags, AclCategories.Connection, CommandScope.Connection, InClusterMode(handler))
        {
            Group = "cluster", Since = since, Syntax = name.ToUpperInvariant(), Summary = summary,
        };

    private static CommandHandler InClusterMode(Handler handler) => (CommandContext context, ref ReplyWriter reply) =>
    {
        if (context.Server().IsClusterMode) handler(context, context.Server().Cluster!.Routes, ref reply);
        else reply.Error("ERR This instance has cluster support disabled"u8);
    };
}
