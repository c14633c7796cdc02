using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Talks to other gateways by calls to their silos' grains.</summary>
public sealed class GrainMessenger(IGrainFactory grains) : ISiloMessenger
{
    public Task<int[]> DeliverAsync(string silo, string publisherSilo, string gateway, long first, ChannelMessage[] messages) =>
        Grain(silo).DeliverAsync(publisherSilo, gateway, first, messages);

    public Task<byte[][]> TopicsAsync(string silo, TopicKind kind) => Grain(silo).TopicsAsync(kind);

    public Task<int[]> CountSubscribersAsync(string silo, TopicKind kind, byte[][] topics) => Grain(silo).CountSubscribersAsync(kind, topics);

    private ISiloGrain Grain(string silo) => grains.GetGrain<ISiloGrain>(silo);
}
