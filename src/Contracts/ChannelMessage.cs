using Orleans;

namespace OrleansKv.Contracts;

/// <summary>A message on its way to the subscribers that other silos' gateways have. Whoever makes one never changes the bytes after it.</summary>
/// <param name="IsShard">Whether it is for a shard channel.</param>
/// <param name="Channel">The channel's name.</param>
/// <param name="Payload">What was published.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.ChannelMessage")]
public readonly record struct ChannelMessage([property: Id(0)] bool IsShard, [property: Id(1)] byte[] Channel, [property: Id(2)] byte[] Payload);

/// <summary>What can be subscribed to.</summary>
public enum TopicKind : byte
{
    Channel,
    Pattern,
    ShardChannel,
}
