using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// A silo as a node of a Redis cluster: a master, with slots or without, or the replica of the node that an operator has it replicate.
/// </summary>
internal sealed class ClusterNode
{
    private ClusterNode(MapMember member, bool isSelf, IReadOnlyList<SlotRange> slots)
    {
        Member = member;
        IsSelf = isSelf;
        Slots = slots;
    }

    public MapMember Member { get; }

    public string Id => Member.NodeId;

    /// <summary>The node that is asked.</summary>
    public bool IsSelf { get; }

    /// <summary>The slots that it owns: ascending, neighbours joined.</summary>
    public IReadOnlyList<SlotRange> Slots { get; }

    /// <summary>Whose replica it is; null of a master.</summary>
    public ClusterNode? Master { get; private set; }

    /// <summary>The latest epoch of its slots; of a replica, its master's.</summary>
    public long ConfigEpoch => Master?.ConfigEpoch ?? Slots.Select(range => range.Epoch).DefaultIfEmpty(0).Max();

    /// <summary>The nodes of a map, in its order.</summary>
    public static ClusterNode[] Of(RouteTable routes)
    {
        var map = routes.Map;
        var nodes = new ClusterNode[map.Members.Length];
        for (var i = 0; i < nodes.Length; i++) nodes[i] = new ClusterNode(map.Members[i], i == routes.Self, Join(map.RangesOf(map.Members[i].Silo)));
        for (var i = 0; i < nodes.Length; i++)
            if (routes.MasterOf(i) is >= 0 and var master) nodes[i].Master = nodes[master];
        return nodes;
    }

    /// <summary>What a redirected client is to connect to; empty where it is to stay with the address that it knows.</summary>
    public static string EndpointOf(MapMember member, ClusterEndpointType preferred) => preferred switch
    {
        ClusterEndpointType.HostName => member.Endpoint.HostName.Length > 0 ? member.Endpoint.HostName : "?",
        ClusterEndpointType.Unknown => "",
        _ => member.Endpoint.Host,
    };

    /// <summary>The address of a node, known even where its clients stay with the one that they used.</summary>
    public static string HostOf(MapMember member)
    {
        if (member.Endpoint.Host.Length > 0) return member.Endpoint.Host;
        var end = member.Silo.LastIndexOf(':');
        return end < 0 ? "" : member.Silo[..end].Trim('[', ']');
    }

    private static List<SlotRange> Join(IEnumerable<SlotRange> ranges)
    {
        var joined = new List<SlotRange>();
        foreach (var range in ranges)
        {
            if (joined.Count > 0 && joined[^1].Last + 1 == range.First)
                joined[^1] = joined[^1] with { Last = range.Last, Epoch = Math.Max(joined[^1].Epoch, range.Epoch) };
            else
                joined.Add(range);
        }

        return joined;
    }
}
