using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;
using OrleansKv.RespGateway.PubSub;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    // Below this the loop's periodic look at output limits is soon enough.
    private const long MaxUncheckedBytes = 256 * 1024;

    private HashSet<byte[]>?[]? _subscriptions;
    private long _topicBytes;

    /// <summary>True while the client is subscribed to anything.</summary>
    public bool IsSubscriber => SubscriptionTotal > 0;

    private int SubscriptionTotal => SubscriptionCount(TopicKind.Channel) + SubscriptionCount(TopicKind.Pattern) + SubscriptionCount(TopicKind.ShardChannel);

    public int SubscriptionCount(TopicKind kind) => _subscriptions?[(int)kind]?.Count ?? 0;

    /// <summary>What the client is subscribed to, of a kind.</summary>
    internal byte[][] Subscriptions(TopicKind kind) => _subscriptions?[(int)kind] is { } topics ? [.. topics] : [];

    internal void Subscribe(TopicKind kind, byte[] topic)
    {
        _subscriptions ??= new HashSet<byte[]>?[3];
        var topics = _subscriptions[(int)kind] ??= new HashSet<byte[]>(ByteKeyComparer.Instance);
        if (!topics.Add(topic)) return;
        _topicBytes += topic.Length;
        Server.PubSub.Subscribe(kind, topic, this);
    }

    internal void Unsubscribe(TopicKind kind, byte[] topic)
    {
        if (_subscriptions?[(int)kind]?.Remove(topic) != true) return;
        _topicBytes -= topic.Length;
        Server.PubSub.Unsubscribe(kind, topic, this);
    }

    internal void UnsubscribeAll()
    {
        if (_subscriptions == null) return;
        foreach (var kind in Enum.GetValues<TopicKind>())
            foreach (var topic in Subscriptions(kind)) Unsubscribe(kind, topic);
    }

    /// <summary>
    /// On the connection's loop: appends a message, unless the client has unsubscribed meanwhile, or is lost because it does not read.
    /// </summary>
    internal void Deliver(PubSubMessage message)
    {
        if (_transport.IsClosed || _subscriptions?[(int)message.Kind]?.Contains(message.Topic) != true) return;
        if (IsLostAtOutputLimit()) return;
        _transport.Output.Append(message.Encode(Resp3));
        if (!_isProcessing) _transport.RequestFlush();
        IsLostAtOutputLimit();
    }

    // Closes the connection where its unread output is beyond its limit.
    private bool IsLostAtOutputLimit()
    {
        if (_transport.Output.Length <= MaxUncheckedBytes || !IsOverOutputLimit()) return false;
        _transport.Close();
        return true;
    }
}
