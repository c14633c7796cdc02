using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Talks to other silos about channels and their subscribers, about clients that wait, and about their replicas. Silos are named as in the
/// slot map.</summary>
public interface ISiloMessenger
{
    /// <summary>Delivers messages on a silo, and gives the number of receivers of each: see <see cref="ISiloGrain.DeliverAsync"/>.</summary>
    Task<int[]> DeliverAsync(string silo, string publisherSilo, string gateway, long first, ChannelMessage[] messages);

    /// <summary>What a silo's gateway has subscribers for.</summary>
    Task<byte[][]> TopicsAsync(string silo, TopicKind kind);

    /// <summary>Has a blocking command executed, or wait, on a silo: see <see cref="ISiloGrain.WaitAsync"/>.</summary>
    Task<WaitAnswer> WaitAsync(string silo, string gateway, long wait, RespBatch command, int database);

    /// <summary>Ends a wait on a silo.</summary>
    Task CancelWaitAsync(string silo, string gateway, long wait);

    /// <summary>Sets parameters of a silo's server: see <see cref="ISiloGrain.ConfigureAsync"/>.</summary>
    Task<string?> ConfigureAsync(string silo, string[] pairs, bool isLocalClient);

    /// <summary>How many replicas have what was written on a silo: see <see cref="ISiloGrain.CountReplicasAsync"/>.</summary>
    Task<int> CountReplicasAsync(string silo, long count, int limitMs);

    /// <summary>How many subscribers a silo's gateway has for each topic.</summary>
    Task<int[]> CountSubscribersAsync(string silo, TopicKind kind, byte[][] topics);
}
