using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

internal abstract partial record MapEvent
{
    /// <summary>Two members, and with them their circles, have met.</summary>
    public sealed record Met(string Silo, string Other) : MapEvent;

    /// <summary>A node is to be in nobody's circle. Void if it owns slots.</summary>
    public sealed record Forgotten(string NodeId) : MapEvent;

    /// <summary>A silo gives up its slots, its circle and its master, and perhaps its id. Void for one of those that came by themselves as long as
    /// it owns slots.</summary>
    public sealed record Reset(string Silo, string? NewNodeId) : MapEvent;

    /// <summary>A silo is given slots. Void if one of them has an owner.</summary>
    public sealed record Assigned(string Silo, int[] Slots) : MapEvent;

    /// <summary>A silo gives slots up. Void if one of them is not its own.</summary>
    public sealed record Released(string Silo, int[] Slots) : MapEvent;

    /// <summary>Slots are to move. Void if they are not From's, or To is not in its circle.</summary>
    public sealed record Wished(SlotMove Move) : MapEvent;

    /// <summary>A slot is not to move after all.</summary>
    public sealed record Kept(int Slot) : MapEvent;

    /// <summary>A silo is to replicate a node. Void if it owns slots, or the node is not in its circle, or replicates another.</summary>
    public sealed record Pinned(string Silo, string Master) : MapEvent;

    /// <summary>A silo is to get everything of the node that it replicates.</summary>
    public sealed record FailedOver(string Silo) : MapEvent;

    /// <summary>There have been no wishes for some time: copies that were kept for the next one can go.</summary>
    public sealed record Rested : MapEvent;
}
