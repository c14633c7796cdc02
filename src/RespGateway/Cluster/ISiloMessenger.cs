using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Talks to the gateways of other silos about channels and their subscribers. Silos are named as in the slot map.</summary>
public interface ISiloMessenger
{
    /// <summary>Delivers messages on a silo, and gives the number of receivers of each: see <see cref="ISiloGrain.DeliverAsync"/>.</summary>
    Task<int[]> DeliverAsync(string silo, string publisherSilo, string gateway, long first, ChannelMessage[] messages);

    /// <summary>What a silo's gateway has subscribers for.</summary>
    Task<byte[][]> TopicsAsync(string silo, TopicKind kind);

    /// <summary>How many subscribers a silo's gateway has for each topic.</summary>
    Task<int[]> CountSubscribersAsync(string silo, TopicKind kind, byte[][] topics);
}
