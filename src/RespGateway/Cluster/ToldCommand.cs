using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.PubSub;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// A command on the subscribers of all gateways: PUBLISH and SPUBLISH, which tell the others of a message and wait for the number of its receivers, and
/// what PUBSUB asks.
/// </summary>
internal sealed class ToldCommand(CommandRow row, ArgumentList args) : ForwardedCommand(row, args)
{
    /// <summary>Whether a command is one of these.</summary>
    public static bool Accepts(CommandRow row) => row.FullName is "publish" or "spublish" or "pubsub|channels" or "pubsub|numsub" or "pubsub|numpat"
        or "pubsub|shardchannels" or "pubsub|shardnumsub";

    // No part of it goes the way of the commands on keys.
    public override byte[]? Route(RouteTable routes) => null;

    /// <summary>Tells or asks the other gateways.</summary>
    /// <param name="server">This one.</param>
    /// <param name="local">What it replied on its own; where that is an error, it is the reply.</param>
    /// <param name="barrierLsn">What a message waits for.</param>
    /// <param name="done">Given the reply, on any thread.</param>
    public void Start(RespServer server, ReadOnlyMemory<byte> local, long barrierLsn, Action<ReadOnlyMemory<byte>> done)
    {
        var relay = server.PubSub.Relay!;
        if (RespScanner.IntegerOf(local.Span) is { } receivers && Row.Name is "publish" or "spublish")
        {
            var message = new ChannelMessage(Row.Name == "spublish", Args[1].ToArray(), Args[2].ToArray());
            server.PubSub.Tell(message, others => done(Encode(others + receivers)), message.IsShard && server.IsClusterMode, barrierLsn);
        }
        else if (local.Span[0] == (byte)'-')
        {
            done(local);
        }
        else
        {
            _ = TryAskAsync(relay, server.PubSub, done);
        }
    }

    private static ReadOnlyMemory<byte> Encode(long number) => System.Text.Encoding.ASCII.GetBytes($":{number}\r\n");

    // Whatever goes wrong, the client is answered: it is parked until then.
    private async Task TryAskAsync(MessageRelay relay, PubSubHub here, Action<ReadOnlyMemory<byte>> done)
    {
        try
        {
            await AskAsync(relay, here, done).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            done(ErrorReply(System.Text.Encoding.UTF8.GetBytes($"ERR The other servers could not be asked: {error.Message.ReplaceLineEndings(" ")}")));
        }
    }

    private async Task AskAsync(MessageRelay relay, PubSubHub here, Action<ReadOnlyMemory<byte>> done)
    {
        switch (Row.Name)
        {
            case "numpat":
                done(Encode((await TopicsAsync(relay, here, TopicKind.Pattern).ConfigureAwait(false)).Count));
                break;
            case "channels" or "shardchannels":
                var topics = await TopicsAsync(relay, here, Row.Name == "channels" ? TopicKind.Channel : TopicKind.ShardChannel).ConfigureAwait(false);
                done(Encode(topics));
                break;
            default:
                done(await CountAsync(relay, here, Row.Name == "numsub" ? TopicKind.Channel : TopicKind.ShardChannel).ConfigureAwait(false));
                break;
        }
    }

    // Each topic once, whoever has subscribers for it.
    private static async Task<HashSet<byte[]>> TopicsAsync(MessageRelay relay, PubSubHub here, TopicKind kind)
    {
        var topics = new HashSet<byte[]>(here.Topics(kind), ByteKeyComparer.Instance);
        foreach (var more in await relay.AskAsync((messenger, silo) => messenger.TopicsAsync(silo, kind)).ConfigureAwait(false)) topics.UnionWith(more);
        return topics;
    }

    private ReadOnlyMemory<byte> Encode(HashSet<byte[]> topics)
    {
        if (Args.Count > 2)
        {
            var pattern = Args[2].ToArray();
            topics.RemoveWhere(topic => !Glob.IsMatch(pattern, topic));
        }

        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, resp3: false);
        writer.Array(topics.Count);
        foreach (var topic in topics) writer.Bulk(topic);
        writer.Commit();
        return buffer.ToArray();
    }

    private async Task<ReadOnlyMemory<byte>> CountAsync(MessageRelay relay, PubSubHub here, TopicKind kind)
    {
        var topics = new byte[Args.Count - 2][];
        for (var i = 0; i < topics.Length; i++) topics[i] = Args[i + 2].ToArray();
        var counts = Array.ConvertAll(topics, topic => here.SubscriberCount(kind, topic));
        foreach (var more in await relay.AskAsync((messenger, silo) => messenger.CountSubscribersAsync(silo, kind, topics)).ConfigureAwait(false))
            for (var i = 0; i < counts.Length; i++) counts[i] += more[i];
        return Encode(topics, counts);
    }

    private static ReadOnlyMemory<byte> Encode(byte[][] topics, int[] counts)
    {
        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, resp3: false);
        writer.Array(topics.Length * 2);
        for (var i = 0; i < topics.Length; i++)
        {
            writer.Bulk(topics[i]);
            writer.Integer(counts[i]);
        }

        writer.Commit();
        return buffer.ToArray();
    }
}
