using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Commands;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// CLUSTER, READONLY, READWRITE and ASKING, which only cluster mode knows. The subcommands that change a Redis cluster's map by hand are not
/// among them: the slot map has one author.
/// </summary>
internal static partial class ClusterCommands
{
    private const CommandFlags Look = CommandFlags.Stale;
    private const CommandFlags Session = CommandFlags.Loading | CommandFlags.Stale | CommandFlags.Fast;

    private delegate void Handler(CommandContext context, RouteTable routes, ref ReplyWriter reply);

    // CLUSTER COUNTKEYSINSLOT slot
    private static void CountKeysInSlot(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        var read = context.Read(2);
        var number = read.NextInteger(ErrorText.NotInteger);
        if (!read.Failed && number is < 0 or >= SlotHash.SlotCount) read.Fail("ERR Invalid slot"u8);
        if (read.WriteError(ref reply)) return;
        reply.Integer(context.Store.Slots[(int)number].CountKeys(context.Database));
    }

    // CLUSTER GETKEYSINSLOT slot count
    private static unsafe void GetKeysInSlot(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        var read = context.Read(2);
        var number = read.NextInteger(ErrorText.NotInteger);
        var most = read.NextInteger(ErrorText.NotInteger);
        if (!read.Failed && (number is < 0 or >= SlotHash.SlotCount || most < 0)) read.Fail("ERR Invalid slot or number of keys"u8);
        if (read.WriteError(ref reply)) return;
        var slot = context.Store.Slots[(int)number];
        using var guard = new SlotGuard(context.Worker, slot);
        var start = reply.BeginDeferred();
        long count = 0;
        foreach (var node in slot[context.Database])
        {
            if (count == most) break;
            reply.Bulk(SlotKeyspace.EntryAt((nint)node).Key);
            count++;
        }

        reply.EndDeferred(start, '*', count);
    }

    // CLUSTER KEYSLOT key
    private static void KeySlot(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Integer(SlotHash.Of(context.Args[2]));

    // CLUSTER INFO
    private static void Info(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Verbatim(
        "txt"u8, System.Text.Encoding.ASCII.GetBytes(ClusterReport.Info(routes, ClusterRedirect.IsDown(routes, context.Config.ClusterRequireFullCoverage))));

    // CLUSTER NODES
    private static void Nodes(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Verbatim(
        "txt"u8, System.Text.Encoding.UTF8.GetBytes(string.Concat(ClusterNode.Of(routes).Select(node => ClusterReport.Describe(node) + "\n"))));

    // CLUSTER SLOTS
    private static void Slots(CommandContext context, RouteTable routes, ref ReplyWriter reply) =>
        ClusterReport.WriteSlots(routes, context.Config.ClusterPreferredEndpointType, ref reply);

    // CLUSTER SHARDS
    private static void Shards(CommandContext context, RouteTable routes, ref ReplyWriter reply) =>
        ClusterReport.WriteShards(routes, context.Config.ClusterPreferredEndpointType, ref reply);

    // CLUSTER LINKS
    private static void Links(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.EmptyArray();

    // CLUSTER MYID
    private static void MyId(CommandContext context, RouteTable routes, ref ReplyWriter reply) =>
        reply.Bulk(routes.Self == RouteTable.Nobody ? context.Server().RunId : routes.Map.Members[routes.Self].NodeId);

    // CLUSTER MYSHARDID
    private static void MyShardId(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        var self = Array.Find(ClusterNode.Of(routes), node => node.IsSelf);
        reply.Bulk(self == null ? context.Server().RunId : (self.Master ?? self).Id);
    }

    // CLUSTER REPLICAS node-id, CLUSTER SLAVES node-id
    private static void Replicas(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        var nodes = ClusterNode.Of(routes);
        var master = Find(nodes, context.Args[2], ref reply);
        if (master == null) return;
        if (master.Master != null)
        {
            reply.Error("ERR The specified node is not a master"u8);
            return;
        }

        var replicas = Array.FindAll(nodes, node => node.Master == master);
        reply.Array(replicas.Length);
        foreach (var replica in replicas) reply.Bulk(ClusterReport.Describe(replica));
    }

    // CLUSTER COUNT-FAILURE-REPORTS node-id
    private static void CountFailureReports(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        if (Find(ClusterNode.Of(routes), context.Args[2], ref reply) != null) reply.Integer(0);
    }

    // CLUSTER HELP
    private static void Help(CommandContext context, RouteTable routes, ref ReplyWriter reply) => HelpText.Write(
        "CLUSTER",
        ref reply,
        "COUNT-FAILURE-REPORTS <node-id>",
        "    Return number of failure reports for <node-id>.",
        "COUNTKEYSINSLOT <slot>",
        "    Return the number of keys in <slot>.",
        "GETKEYSINSLOT <slot> <count>",
        "    Return key names stored by current node in a slot.",
        "INFO",
        "    Return information about the cluster.",
        "KEYSLOT <key>",
        "    Return the hash slot for <key>.",
        "MYID",
        "    Return the node id.",
        "MYSHARDID",
        "    Return the node's shard id.",
        "NODES",
        "    Return cluster configuration seen by node. Output format:",
        "    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
        "REPLICAS <node-id>",
        "    Return <node-id> replicas.",
        "SLOTS",
        "    Return information about slots range mappings. Each range is made of:",
        "    start, end, master and replicas IP addresses, ports and ids",
        "SHARDS",
        "    Return information about slot range mappings and the nodes associated with them.",
        "LINKS",
        "    Return information about all network links between this node and its peers.",
        "    Output format is an array where each array element is a map containing attributes of a link");

    // READONLY
    private static void ReadOnly(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        context.Session.ReadsReplicas = true;
        reply.Ok();
    }

    // READWRITE
    private static void ReadWrite(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        context.Session.ReadsReplicas = false;
        reply.Ok();
    }

    // ASKING
    private static void Asking(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Ok();

    // Null after an error was written.
    private static ClusterNode? Find(ClusterNode[] nodes, ReadOnlySpan<byte> id, ref ReplyWriter reply)
    {
        var wanted = System.Text.Encoding.UTF8.GetString(id);
        var found = Array.Find(nodes, node => node.Id == wanted);
        if (found == null) reply.Error($"ERR Unknown node {wanted}");
        return found;
    }
}
