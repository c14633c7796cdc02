using OrleansKv.Contracts;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.PubSub;

/// <summary>A message as its receivers get it, made once for all of them in each protocol version.</summary>
/// <remarks>The messages of one PUBLISH share the copies of its channel and payload.</remarks>
internal sealed class PubSubMessage
{
    private const int ObjectBytes = 256;

    private static readonly byte[] ChannelWord = "message"u8.ToArray();
    private static readonly byte[] PatternWord = "pmessage"u8.ToArray();
    private static readonly byte[] ShardWord = "smessage"u8.ToArray();

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

    /// <summary>What it takes at most until it is delivered, in bytes: what it shares with others counts for each.</summary>
    public long Bytes => ObjectBytes + _parts.Sum(part => (long)part.Length);

    public static PubSubMessage Of(bool isShard, byte[] channel, byte[] payload) => isShard
        ? new PubSubMessage(TopicKind.ShardChannel, channel, ShardWord, channel, payload)
        : new PubSubMessage(TopicKind.Channel, channel, ChannelWord, channel, payload);

    public static PubSubMessage OfPattern(byte[] pattern, byte[] channel, byte[] payload) =>
        new(TopicKind.Pattern, pattern, PatternWord, pattern, channel, payload);

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
