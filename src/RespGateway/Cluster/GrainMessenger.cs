using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Talks to other silos by calls to their silos' grains.</summary>
public sealed class GrainMessenger(IGrainFactory grains) : ISiloMessenger
{
    public Task<int[]> DeliverAsync(string silo, string publisherSilo, string gateway, long first, ChannelMessage[] messages) =>
        Grain(silo).DeliverAsync(publisherSilo, gateway, first, messages);

    public Task<byte[][]> TopicsAsync(string silo, TopicKind kind) => Grain(silo).TopicsAsync(kind);

    public Task<int[]> CountSubscribersAsync(string silo, TopicKind kind, byte[][] topics) => Grain(silo).CountSubscribersAsync(kind, topics);

    public Task<string?> ConfigureAsync(string silo, string[] pairs, bool isLocalClient) => Grain(silo).ConfigureAsync(pairs, isLocalClient);

    public Task<WaitAnswer> WaitAsync(string silo, string gateway, long wait, RespBatch command, int database) =>
        Grain(silo).WaitAsync(gateway, wait, command, database);

    public Task CancelWaitAsync(string silo, string gateway, long wait) => Grain(silo).CancelWaitAsync(gateway, wait);

    public Task<int> CountReplicasAsync(string silo, long count, int limitMs) => Grain(silo).CountReplicasAsync(count, limitMs);

    private ISiloGrain Grain(string silo) => grains.GetGrain<ISiloGrain>(silo);
}
