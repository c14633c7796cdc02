namespace OrleansKv.Contracts;

/// <summary>The circles of a slot map: which of its members a node's clients are told of.</summary>
public static class SlotMapCircles
{
    /// <summary>What an operator has made of a node, or null.</summary>
    public static MapNode? NodeOf(this SlotMap map, string nodeId) => Array.Find(map.Nodes, node => node.NodeId == nodeId);

    /// <summary>The circle of a member; empty for the one of those that came by themselves.</summary>
    public static string CircleOf(this SlotMap map, MapMember member) => map.NodeOf(member.NodeId)?.Circle ?? "";

    /// <summary>The id of the node that a member was told to replicate; empty where it was not.</summary>
    public static string MasterOf(this SlotMap map, MapMember member) => map.NodeOf(member.NodeId)?.Master ?? "";

    /// <summary>
    /// The same version of the map as a silo's clients are to see it: the members of its circle alone, and slots of others without an owner.
    /// </summary>
    /// <param name="map">The map; given back as it is where everybody is of one circle.</param>
    /// <param name="silo">An incarnation; one that is no member sees everything.</param>
    public static SlotMap SeenBy(this SlotMap map, string silo)
    {
        if (map.Nodes.Length == 0 || map.Find(silo) is not { } self) return map;
        var circle = map.CircleOf(self);
        if (Array.TrueForAll(map.Members, member => map.CircleOf(member) == circle)) return map;
        var members = Array.FindAll(map.Members, member => map.CircleOf(member) == circle);
        var silos = members.Select(member => member.Silo).ToHashSet();
        return map with
        {
            Members = members,
            Ranges = Array.ConvertAll(map.Ranges, range => range.Owner is { } owner && !silos.Contains(owner) ? range with { Owner = null } : range),
            Nodes = Array.FindAll(map.Nodes, node => node.Circle == circle),
            Wanted = Array.FindAll(map.Wanted, move => silos.Contains(move.From)),
        };
    }
}
