using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Commands;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// CLUSTER, READONLY, READWRITE and ASKING, which only cluster mode knows. The subcommands that change the slot map are <see cref="ClusterOrders"/>.
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
        if (!WaitsForMove(context, routes, (int)number, ref reply)) WriteCount(context, routes, (int)number, ref reply);
    }

    // CLUSTER GETKEYSINSLOT slot count
    private static void GetKeysInSlot(CommandContext context, RouteTable routes, ref ReplyWriter reply)
    {
        var read = context.Read(2);
        var number = read.NextInteger(ErrorText.NotInteger);
        var most = read.NextInteger(ErrorText.NotInteger);
        if (!read.Failed && (number is < 0 or >= SlotHash.SlotCount || most < 0)) read.Fail("ERR Invalid slot or number of keys"u8);
        if (read.WriteError(ref reply)) return;
        if (!WaitsForMove(context, routes, (int)number, ref reply)) WriteKeys(context, routes, (int)number, most, ref reply);
    }

    private static void WriteCount(CommandContext context, RouteTable routes, int number, ref ReplyWriter reply)
    {
        var slot = context.Store.Slots[number];
        reply.Integer(ShowsKeys(routes, slot) ? slot.CountKeys(context.Database) : 0);
    }

    private static unsafe void WriteKeys(CommandContext context, RouteTable routes, int number, long most, ref ReplyWriter reply)
    {
        var slot = context.Store.Slots[number];
        using var guard = new SlotGuard(context.Worker, slot);
        var start = reply.BeginDeferred();
        long count = 0;
        foreach (var node in slot[context.Database])
        {
            if (count == most || !ShowsKeys(routes, slot)) break;
            reply.Bulk(SlotKeyspace.EntryAt((nint)node).Key);
            count++;
        }

        reply.EndDeferred(start, '*', count);
    }

    // The copies of a master are not its keys: redis-cli --cluster fix would take it for another owner.
    private static bool ShowsKeys(RouteTable routes, Slot slot) => slot.IsOwned || (slot.Role == SlotRole.Replica && routes.SelfIsReplica);

    // A slot that is on its way to another node is asked about by who moves it key by key. When it has moved none is left to move.
    private static bool WaitsForMove(CommandContext context, RouteTable routes, int number, ref ReplyWriter reply)
    {
        var client = context.Client();
        if (!client.MayBlock || !ClusterOrder.IsMoving(routes.Map, number, client.Server.Cluster!.Self)) return false;
        var order = new ClusterOrder(client.Server, context.Args.Own());
        var isList = context.Row.Name == "getkeysinslot";
        client.Defer(async () =>
        {
            if (await order.AwaitMoveAsync(number, order.Silo).ConfigureAwait(false))
                return (ref ReplyWriter writer) => writer.Raw(isList ? "*0\r\n"u8 : ":0\r\n"u8);
            return (ref ReplyWriter writer) => writer.Error($"TRYAGAIN Slot {number} is still on its way to another node, or is to stay");
        });
        return true;
    }

    // CLUSTER KEYSLOT key
    private static void KeySlot(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Integer(SlotHash.Of(context.Args[2]));

    // CLUSTER INFO
    private static void Info(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Verbatim(
        "txt"u8, System.Text.Encoding.ASCII.GetBytes(ClusterReport.Info(
            routes, context.Server().Store.Slots, ClusterRedirect.IsDown(routes, context.Config.ClusterRequireFullCoverage))));

    // CLUSTER NODES
    private static void Nodes(CommandContext context, RouteTable routes, ref ReplyWriter reply) => reply.Verbatim(
        "txt"u8, System.Text.Encoding.UTF8.GetBytes(string.Concat(ClusterNode.Of(routes).Select(node => ClusterReport.Describe(node, routes.Map) + "\n"))));

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
        foreach (var replica in replicas) reply.Bulk(ClusterReport.Describe(replica, routes.Map));
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
        "ADDSLOTS <slot> [<slot> ...]",
        "    Assign slots to current node.",
        "ADDSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]",
        "    Assign slots which are between <start-slot> and <end-slot> to current node.",
        "BUMPEPOCH",
        "    Advance the cluster config epoch.",
        "COUNT-FAILURE-REPORTS <node-id>",
        "    Return number of failure reports for <node-id>.",
        "COUNTKEYSINSLOT <slot>",
        "    Return the number of keys in <slot>.",
        "DELSLOTS <slot> [<slot> ...]",
        "    Delete slots information from current node.",
        "DELSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]",
        "    Delete slots information which are between <start-slot> and <end-slot> from current node.",
        "FAILOVER [FORCE|TAKEOVER]",
        "    Promote current replica node to being a master.",
        "FORGET <node-id>",
        "    Remove a node from the cluster.",
        "GETKEYSINSLOT <slot> <count>",
        "    Return key names stored by current node in a slot.",
        "FLUSHSLOTS",
        "    Delete current node own slots information.",
        "INFO",
        "    Return information about the cluster.",
        "KEYSLOT <key>",
        "    Return the hash slot for <key>.",
        "MEET <ip> <port> [<bus-port>]",
        "    Connect nodes into a working cluster.",
        "MYID",
        "    Return the node id.",
        "MYSHARDID",
        "    Return the node's shard id.",
        "NODES",
        "    Return cluster configuration seen by node. Output format:",
        "    <id> <ip:port@bus-port[,hostname]> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
        "REPLICATE <node-id>",
        "    Configure current node as replica to <node-id>.",
        "RESET [HARD|SOFT]",
        "    Reset current node (default: soft).",
        "SET-CONFIG-EPOCH <epoch>",
        "    Set config epoch of current node.",
        "SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|STABLE|NODE <node-id>)",
        "    Set slot state.",
        "REPLICAS <node-id>",
        "    Return <node-id> replicas.",
        "SAVECONFIG",
        "    Force saving cluster configuration on disk.",
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
