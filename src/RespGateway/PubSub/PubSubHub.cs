using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.PubSub;

/// <summary>
/// Who is subscribed to what on this gateway. A message is posted to each loop that has receivers, once, and appended to their output
/// there; so a client's own replies and its messages never mix, and messages of one publisher arrive in order.
/// </summary>
/// <remarks>A client that subscribes to what it publishes itself gets the message right behind the reply of the command that caused it, as do
/// all receivers on the publisher's loop.</remarks>
public sealed class PubSubHub : IKeyspaceEvents, ISubscribers
{
    // Above this many bytes of messages that are not delivered yet, who publishes waits.
    private const long CongestionBytes = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], Subscribers>[] _topics =
        [new(ByteKeyComparer.Instance), new(ByteKeyComparer.Instance), new(ByteKeyComparer.Instance)];

    private readonly Store _store;
    private readonly HeldMessages _held;
    private long _undeliveredBytes;

    /// <param name="store">Its configuration says which keyspace events are asked for, its barrier when what commands cause may be sent.</param>
    public PubSubHub(Store store)
    {
        _store = store;
        _held = new HeldMessages(store);
    }

    /// <summary>Takes messages to the subscribers of other silos' gateways; null for a silo alone. Set before clients are let in.</summary>
    internal MessageRelay? Relay { get; set; }

    /// <summary>Whether clients on other silos' gateways hear of the keyspace events here: where a client sees one keyspace.</summary>
    internal bool RelaysEvents { get; set; }

    /// <summary>True while loops or other silos are behind with delivering messages. Any thread.</summary>
    internal bool IsCongested => Volatile.Read(ref _undeliveredBytes) + (Relay?.QueuedBytes ?? 0) > CongestionBytes;

    /// <summary>Patterns that have subscribers.</summary>
    public int PatternCount => Count(TopicKind.Pattern);

    /// <summary>Topics of a kind that have subscribers.</summary>
    public int Count(TopicKind kind)
    {
        lock (_gate) return _topics[(int)kind].Count;
    }

    /// <inheritdoc/>
    public byte[][] Topics(TopicKind kind)
    {
        lock (_gate) return [.. _topics[(int)kind].Keys];
    }

    /// <inheritdoc/>
    public int SubscriberCount(TopicKind kind, ReadOnlySpan<byte> topic)
    {
        lock (_gate) return Lookup(kind).TryGetValue(topic, out var subscribers) ? subscribers.Count : 0;
    }

    /// <inheritdoc/>
    public int Publish(bool isShard, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) => Publish(isShard, channel, message, cause: null);

    /// <summary>As <see cref="Publish(bool, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, for a message that a command causes.</summary>
    /// <param name="isShard">Whether it is a shard channel.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    /// <param name="cause">Whose command it is: the message leaves when what that has written and seen so far is committed.</param>
    internal int Publish(bool isShard, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message, Worker? cause)
    {
        if (_store.Replication == null) cause = null;
        var receivers = 0;

        // One copy serves all messages; none is made where nobody listens.
        byte[]? name = null;
        byte[]? payload = null;
        lock (_gate)
        {
            if (Lookup(isShard ? TopicKind.ShardChannel : TopicKind.Channel).TryGetValue(channel, out var subscribers))
                receivers += Post(subscribers, PubSubMessage.Of(isShard, name = channel.ToArray(), payload = message.ToArray()), cause);
            if (isShard) return receivers;
            foreach (var (pattern, matching) in _topics[(int)TopicKind.Pattern])
            {
                if (!Glob.IsMatch(pattern, channel)) continue;
                receivers += Post(matching, PubSubMessage.OfPattern(pattern, name ??= channel.ToArray(), payload ??= message.ToArray()), cause);
            }
        }

        return receivers;
    }

    /// <summary>Sends a message to the subscribers of all gateways, without waiting for the others.</summary>
    /// <returns>How many of this one's receive it.</returns>
    internal int PublishEverywhere(bool isShard, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message, bool copiesOnly, Worker? cause = null)
    {
        var receivers = Publish(isShard, channel, message, cause);
        if (Relay == null) return receivers;
        var told = new ChannelMessage(isShard, channel.ToArray(), message.ToArray());
        if (cause == null || _store.Replication == null) Relay.Send(told, done: null, copiesOnly);
        else cause.SendLater(lsn => Tell(told, done: null, copiesOnly, lsn));
        return receivers;
    }

    /// <summary>Sends a message to the other gateways' subscribers, when the record of an LSN is committed.</summary>
    /// <param name="message">The message.</param>
    /// <param name="done">Told, on any thread, how many received it in all; null where nobody wants to know.</param>
    /// <param name="copiesOnly">Whether only replicas of this silo are meant.</param>
    /// <param name="lsn">What it waits for: see <see cref="Worker.BarrierLsn"/>.</param>
    internal void Tell(ChannelMessage message, Action<int>? done, bool copiesOnly, long lsn) =>
        _held.Send(lsn, () => Relay!.Send(message, done, copiesOnly), () => done?.Invoke(0));

    /// <inheritdoc/>
    public void Publish(Worker worker, int database, KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key)
    {
        var wanted = _store.Config.KeyspaceEvents;
        if ((wanted & KeyspaceEventClasses.Keyspace) != 0) PublishEvent(Join("__keyspace@"u8, database, key), eventName, worker);
        if ((wanted & KeyspaceEventClasses.KeyEvent) != 0) PublishEvent(Join("__keyevent@"u8, database, eventName), key, worker);
    }

    internal void Subscribe(TopicKind kind, byte[] topic, RespConnection client)
    {
        lock (_gate)
        {
            var subscribers = _topics[(int)kind].GetValueOrDefault(topic) ?? Subscribers.None;
            _topics[(int)kind][topic] = subscribers.With(client);
        }
    }

    internal void Unsubscribe(TopicKind kind, byte[] topic, RespConnection client)
    {
        lock (_gate)
        {
            if (!_topics[(int)kind].TryGetValue(topic, out var subscribers)) return;
            var left = subscribers.Without(client);
            if (left.Count == 0) _topics[(int)kind].Remove(topic);
            else _topics[(int)kind][topic] = left;
        }
    }

    /// <summary>On the receivers' loop: appends a message to their output.</summary>
    internal void Deliver(RespConnection[] receivers, PubSubMessage message)
    {
        Interlocked.Add(ref _undeliveredBytes, -message.Bytes);
        foreach (var receiver in receivers) receiver.Deliver(message);
    }

    private Dictionary<byte[], Subscribers>.AlternateLookup<ReadOnlySpan<byte>> Lookup(TopicKind kind) =>
        _topics[(int)kind].GetAlternateLookup<ReadOnlySpan<byte>>();

    private int Post(Subscribers subscribers, PubSubMessage message, Worker? cause)
    {
        foreach (var receivers in subscribers.ByLoop)
        {
            Interlocked.Add(ref _undeliveredBytes, message.Bytes);
            if (cause == null) Send(receivers, message);
            else SendLater(cause, receivers, message);
        }

        return subscribers.Count;
    }

    private void Send(RespConnection[] receivers, PubSubMessage message)
    {
        var loop = receivers[0].Loop;
        if (!loop.TryPush(receivers, message)) loop.Loop.Post(() => Deliver(receivers, message));
    }

    private void SendLater(Worker cause, RespConnection[] receivers, PubSubMessage message) => cause.SendLater(lsn => _held.Send(
        lsn, () => Send(receivers, message), () => Interlocked.Add(ref _undeliveredBytes, -message.Bytes)));

    private void PublishEvent(byte[] channel, ReadOnlySpan<byte> message, Worker cause)
    {
        if (RelaysEvents) PublishEverywhere(isShard: false, channel, message, copiesOnly: false, cause);
        else Publish(isShard: false, channel, message, cause);
    }

    private static byte[] Join(ReadOnlySpan<byte> prefix, int database, ReadOnlySpan<byte> rest) =>
        [.. prefix, .. System.Text.Encoding.ASCII.GetBytes(database + "__:"), .. rest];
}
