using System.Collections.Concurrent;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;

namespace OrleansKv.Grains.PubSub;

/// <summary>
/// Takes the messages that other silos' gateways publish to the subscribers of this one's. A batch that comes again, because its sender got no
/// answer, is delivered once; one that comes after a later batch of its sender is too late and is not delivered. Any thread.
/// </summary>
public sealed class MessageInbox(Store store, ISlotMapSource? map = null)
{
    // With more senders than that, those that are gone are forgotten.
    private const int KeptSenders = 64;

    private readonly ConcurrentDictionary<string, Sender> _senders = new();

    /// <summary>Delivers a batch, and gives the number of receivers of each message.</summary>
    /// <param name="silo">The sender's silo.</param>
    /// <param name="gateway">The sender: a gateway of that silo.</param>
    /// <param name="first">The number of the first message in the sender's sequence; a batch that comes again has the same.</param>
    /// <param name="messages">The messages.</param>
    public int[] Deliver(string silo, string gateway, long first, ChannelMessage[] messages)
    {
        if (_senders.Count > KeptSenders) ForgetWhoIsGone();
        var sender = _senders.GetOrAdd(gateway, static (_, silo) => new Sender(silo), silo);
        lock (sender)
        {
            if (first == sender.First) return sender.Receivers;
            if (first < sender.First) return new int[messages.Length];
            sender.Receivers = Array.ConvertAll(messages, message => store.Subscribers?.Publish(message.IsShard, message.Channel, message.Payload) ?? 0);
            sender.First = first;
            return sender.Receivers;
        }
    }

    /// <summary>The topics of a kind that have subscribers here.</summary>
    public byte[][] Topics(TopicKind kind) => store.Subscribers?.Topics(kind) ?? [];

    /// <summary>How many subscribers each topic has here.</summary>
    public int[] Count(TopicKind kind, byte[][] topics) => Array.ConvertAll(topics, topic => store.Subscribers?.SubscriberCount(kind, topic) ?? 0);

    private void ForgetWhoIsGone()
    {
        if (map == null) return;
        foreach (var (gateway, sender) in _senders)
            if (map.Current.Find(sender.Silo) == null) _senders.TryRemove(gateway, out _);
    }

    // Under its own lock, as there may be two calls of one sender where the first got no answer.
    private sealed class Sender(string silo)
    {
        public string Silo { get; } = silo;

        // The last batch.
        public long First { get; set; } = -1;

        public int[] Receivers { get; set; } = [];
    }
}
