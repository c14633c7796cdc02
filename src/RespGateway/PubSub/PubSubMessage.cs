using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.PubSub;

/// <summary>A message as its receivers get it, made once for all of them in each protocol version.</summary>
internal sealed class PubSubMessage
{
    private const int ObjectBytes = 256;

    private readonly byte[][] _parts;
    private byte[]? _resp2;
    private byte[]? _resp3;

    private PubSubMessage(TopicKind kind, byte[] topic, params byte[][] parts)
    {
        Kind = kind;
        Topic = topic;
        _parts = parts;
    }

    /// <summary>The subscription that it is for.</summary>
    public TopicKind Kind { get; }

    public byte[] Topic { get; }

    /// <summary>What it takes until it is delivered, in bytes.</summary>
    public long Bytes => ObjectBytes + _parts.Sum(part => (long)part.Length);

    public static PubSubMessage Of(bool isShard, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        var topic = channel.ToArray();
        return isShard
            ? new PubSubMessage(TopicKind.ShardChannel, topic, "smessage"u8.ToArray(), topic, message.ToArray())
            : new PubSubMessage(TopicKind.Channel, topic, "message"u8.ToArray(), topic, message.ToArray());
    }

    public static PubSubMessage OfPattern(byte[] pattern, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) =>
        new(TopicKind.Pattern, pattern, "pmessage"u8.ToArray(), pattern, channel.ToArray(), message.ToArray());

    /// <summary>The message in RESP. Two loops may both make it; either result serves.</summary>
    public byte[] Encode(bool resp3) => resp3 ? _resp3 ??= Write(true) : _resp2 ??= Write(false);

    private byte[] Write(bool resp3)
    {
        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, resp3);
        writer.Push(_parts.Length);
        foreach (var part in _parts) writer.Bulk(part);
        writer.Commit();
        var bytes = new byte[buffer.Length];
        var at = 0;
        for (var i = 0; i < buffer.ChunkCount; i++)
        {
            buffer.ChunkAt(i).CopyTo(bytes.AsSpan(at));
            at += buffer.ChunkAt(i).Length;
        }

        return bytes;
    }
}
