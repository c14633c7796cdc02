using System.Buffers;
using System.Buffers.Text;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Writes commands as clients send them: arrays of bulk strings.</summary>
internal static class CommandBytes
{
    private const int HeaderBytes = 32;

    /// <summary>A command with all its arguments.</summary>
    public static void Write(IBufferWriter<byte> writer, ArgumentList args)
    {
        Header(writer, (byte)'*', args.Count);
        for (var i = 0; i < args.Count; i++) Bulk(writer, args[i]);
    }

    /// <summary>A command of one word.</summary>
    public static void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> word)
    {
        Header(writer, (byte)'*', 1);
        Bulk(writer, word);
    }

    /// <summary>A command's name and some of its arguments.</summary>
    public static ArgumentList Pick(ArgumentList args, List<int> indices)
    {
        var picked = new byte[1 + indices.Count][];
        picked[0] = args[0].ToArray();
        for (var i = 0; i < indices.Count; i++) picked[i + 1] = args[indices[i]].ToArray();
        return ArgumentList.Of(picked);
    }

    private static void Bulk(IBufferWriter<byte> writer, ReadOnlySpan<byte> value)
    {
        Header(writer, (byte)'$', value.Length);
        writer.Write(value);
        writer.Write("\r\n"u8);
    }

    private static void Header(IBufferWriter<byte> writer, byte type, int number)
    {
        var room = writer.GetSpan(HeaderBytes);
        room[0] = type;
        Utf8Formatter.TryFormat(number, room[1..], out var length);
        room[length + 1] = (byte)'\r';
        room[length + 2] = (byte)'\n';
        writer.Advance(length + 3);
    }
}
