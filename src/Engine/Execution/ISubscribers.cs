using OrleansKv.Contracts;

namespace OrleansKv.Engine.Execution;

/// <summary>The subscribers that the gateway on this store has. Any thread.</summary>
public interface ISubscribers
{
    /// <summary>Sends a message to the subscribers of a channel, and for an ordinary channel to those of the patterns it matches.</summary>
    /// <returns>How many receive it; a client counts once for each subscription that matches.</returns>
    int Publish(bool isShard, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message);

    /// <summary>The topics of a kind that have subscribers.</summary>
    byte[][] Topics(TopicKind kind);

    /// <summary>Subscribers of one topic.</summary>
    int SubscriberCount(TopicKind kind, ReadOnlySpan<byte> topic);
}
