using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo;

/// <summary>The slot map of a silo that is a cluster of its own: it owns every slot, and nothing ever changes.</summary>
internal sealed class LoneSlotMap : ISlotMapSource
{
    /// <summary>The one silo, as the map names it.</summary>
    public const string Self = "self";

    /// <param name="config">What clients are told of where the silo is; without an address they stay with the one that they used.</param>
    /// <param name="nodeId">40 hexadecimal digits.</param>
    public LoneSlotMap(ServerConfig config, string nodeId)
    {
        int port = config.ClusterAnnouncePort != 0 ? config.ClusterAnnouncePort : config.Port;
        var endpoint = new NodeEndpoint(config.ClusterAnnounceIp ?? "", port, config.ClusterAnnounceHostName);
        Current = new SlotMap(
            1, [new MapMember { Silo = Self, NodeId = nodeId, Endpoint = endpoint }], [new SlotRange(0, SlotHash.SlotCount - 1, Self, 1)]);
    }

    public event Action<SlotMap>? Changed
    {
        add { }
        remove { }
    }

    public SlotMap Current { get; }

    public Task RefreshAsync(long staleVersion) => Task.CompletedTask;
}
