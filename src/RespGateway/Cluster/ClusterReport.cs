using System.Globalization;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>The replies of CLUSTER that tell of the slot map, in the formats of Redis 7.0.</summary>
/// <remarks>There is no cluster bus: its port, its pings and its links are shown as 0 or none.</remarks>
internal static class ClusterReport
{
    /// <summary>CLUSTER INFO. A slot is not ok as long as it is to be this silo's and is not served yet.</summary>
    /// <param name="routes">The slot map.</param>
    /// <param name="slots">This silo's.</param>
    /// <param name="isDown">Whether it serves nothing.</param>
    public static string Info(RouteTable routes, ReadOnlySpan<Slot> slots, bool isDown)
    {
        var nodes = ClusterNode.Of(routes);
        var assigned = nodes.Sum(node => node.Slots.Sum(range => range.Count));
        var text = new StringBuilder();
        Line("cluster_state", isDown ? "fail" : "ok");
        Line("cluster_slots_assigned", assigned);
        Line("cluster_slots_ok", assigned - CountWaiting(routes, slots));
        Line("cluster_slots_pfail", 0);
        Line("cluster_slots_fail", 0);
        Line("cluster_known_nodes", nodes.Length);
        Line("cluster_size", nodes.Count(node => node.Slots.Count > 0));
        Line("cluster_current_epoch", routes.Map.Version);
        Line("cluster_my_epoch", Array.Find(nodes, node => node.IsSelf)?.ConfigEpoch ?? 0);
        Line("cluster_stats_messages_sent", 0);
        Line("cluster_stats_messages_received", 0);
        Line("total_cluster_links_buffer_limit_exceeded", 0);
        return text.ToString();

        void Line(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");
    }

    /// <summary>How many silos besides the owner have a copy in sync, of the slot that has fewest; 0 where a slot has no owner.</summary>
    public static int LeastCopies(SlotMap map) => map.Ranges.Select(range => CopiesOf(map, range)).DefaultIfEmpty(0).Min();

    /// <summary>A line of CLUSTER NODES, without its end.</summary>
    /// <param name="node">The node.</param>
    /// <param name="map">Where the slots of the node that is asked are on their way from or to.</param>
    public static string Describe(ClusterNode node, SlotMap map)
    {
        var endpoint = node.Member.Endpoint;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{node.Id} {ClusterNode.HostOf(node.Member)}:{endpoint.Port}@0");
        if (endpoint.HostName.Length > 0) text.Append(',').Append(endpoint.HostName);
        text.Append(node.IsSelf ? " myself," : " ").Append(node.Master == null ? "master" : "slave");
        text.Append(CultureInfo.InvariantCulture, $" {node.Master?.Id ?? "-"} 0 0 {node.ConfigEpoch} connected");
        foreach (var range in node.Slots)
        {
            text.Append(' ').Append(range.First);
            if (range.Count > 1) text.Append('-').Append(range.Last);
        }

        if (node.IsSelf) AppendMoves(text, map, node.Member.Silo);
        return text.ToString();
    }

    /// <summary>CLUSTER SLOTS.</summary>
    public static void WriteSlots(RouteTable routes, ClusterEndpointType preferred, ref ReplyWriter reply)
    {
        var nodes = ClusterNode.Of(routes);
        var ranges = nodes.SelectMany(node => node.Slots.Select(range => (Range: range, Node: node))).OrderBy(owned => owned.Range.First).ToArray();
        reply.Array(ranges.Length);
        foreach (var (range, master) in ranges)
        {
            var replicas = Array.FindAll(nodes, node => node.Master == master);
            reply.Array(3 + replicas.Length);
            reply.Integer(range.First);
            reply.Integer(range.Last);
            WriteAddress(master.Member, preferred, ref reply);
            foreach (var replica in replicas) WriteAddress(replica.Member, preferred, ref reply);
        }
    }

    /// <summary>CLUSTER SHARDS.</summary>
    public static void WriteShards(RouteTable routes, ClusterEndpointType preferred, ref ReplyWriter reply)
    {
        var nodes = ClusterNode.Of(routes);
        var masters = Array.FindAll(nodes, node => node.Master == null);
        reply.Array(masters.Length);
        foreach (var master in masters)
        {
            reply.Map(2);
            reply.Bulk("slots"u8);
            reply.Array(master.Slots.Count * 2);
            foreach (var range in master.Slots)
            {
                reply.Integer(range.First);
                reply.Integer(range.Last);
            }

            var replicas = Array.FindAll(nodes, node => node.Master == master);
            reply.Bulk("nodes"u8);
            reply.Array(1 + replicas.Length);
            WriteShardNode(master, preferred, ref reply);
            foreach (var replica in replicas) WriteShardNode(replica, preferred, ref reply);
        }
    }

    // A node of CLUSTER SLOTS: the endpoint that a client should use, and then what else is known of the node's addresses.
    private static void WriteAddress(MapMember member, ClusterEndpointType preferred, ref ReplyWriter reply)
    {
        var hasHostName = preferred != ClusterEndpointType.HostName && member.Endpoint.HostName.Length > 0;
        reply.Array(4);
        if (preferred == ClusterEndpointType.Unknown) reply.Null();
        else reply.Bulk(ClusterNode.EndpointOf(member, preferred));
        reply.Integer(member.Endpoint.Port);
        reply.Bulk(member.NodeId);
        reply.Map((preferred != ClusterEndpointType.Ip ? 1 : 0) + (hasHostName ? 1 : 0));
        if (preferred != ClusterEndpointType.Ip)
        {
            reply.Bulk("ip"u8);
            reply.Bulk(member.Endpoint.Host);
        }

        if (!hasHostName) return;
        reply.Bulk("hostname"u8);
        reply.Bulk(member.Endpoint.HostName);
    }

    private static void WriteShardNode(ClusterNode node, ClusterEndpointType preferred, ref ReplyWriter reply)
    {
        var endpoint = node.Member.Endpoint;
        reply.Map(endpoint.HostName.Length > 0 ? 8 : 7);
        reply.Bulk("id"u8);
        reply.Bulk(node.Id);
        reply.Bulk("port"u8);
        reply.Integer(endpoint.Port);
        reply.Bulk("ip"u8);
        reply.Bulk(endpoint.Host);
        reply.Bulk("endpoint"u8);
        reply.Bulk(ClusterNode.EndpointOf(node.Member, preferred));
        if (endpoint.HostName.Length > 0)
        {
            reply.Bulk("hostname"u8);
            reply.Bulk(endpoint.HostName);
        }

        reply.Bulk("role"u8);
        reply.Bulk(node.Master == null ? "master"u8 : "replica"u8);
        reply.Bulk("replication-offset"u8);
        reply.Integer(0);
        reply.Bulk("health"u8);
        reply.Bulk("online"u8);
    }

    // The slots that an operator has named one by one; what moves in bulk is not a matter of open slots.
    private static void AppendMoves(StringBuilder text, SlotMap map, string self)
    {
        foreach (var move in map.Wanted.Where(move => move.Count == 1 && ClusterOrder.IsMoving(map, move.First, move.From)))
        {
            if (move.From == self) text.Append(CultureInfo.InvariantCulture, $" [{move.First}->-{map.Find(move.To)?.NodeId}]");
            if (move.To == self) text.Append(CultureInfo.InvariantCulture, $" [{move.First}-<-{map.Find(move.From)?.NodeId}]");
        }
    }

    private static int CountWaiting(RouteTable routes, ReadOnlySpan<Slot> slots)
    {
        if (!routes.SelfOwnsSlots) return 0;
        var count = 0;
        foreach (var slot in slots)
            if (!slot.IsOwned && routes.OwnerOf(slot.Number) == routes.Self) count++;
        return count;
    }

    private static int CopiesOf(SlotMap map, SlotRange range) =>
        range.Owner is { } owner && map.Find(owner) is { } member ? member.InSync.Count(silo => member.HoldsCopy(silo, range.Epoch)) : 0;
}
