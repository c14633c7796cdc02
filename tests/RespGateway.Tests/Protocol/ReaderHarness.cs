using System.Runtime.InteropServices;
using System.Text;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Tests.Protocol;

/// <summary>Feeds a <see cref="CommandReader"/> the way a connection does: pieces arrive, whole commands leave, what is left moves.</summary>
internal static class ReaderHarness
{
    public static readonly ReaderLimits Limits = new(1024 * 1024, IsAuthenticated: true);

    /// <summary>The commands read from the pieces, one line each, and last the error where there was one.</summary>
    public static unsafe string Read(ReaderLimits limits, params IReadOnlyList<byte[]> pieces)
    {
        var read = new StringBuilder();
        var args = new ArgumentList();
        byte[] held = [];
        var partial = default(PartialCommand);
        foreach (var piece in pieces)
        {
            // A block of exactly this size: reading past its end would be seen by a memory checker, and the base moves every time.
            var length = held.Length + piece.Length;
            var block = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, length));
            held.CopyTo(new Span<byte>(block, length));
            piece.CopyTo(new Span<byte>(block + held.Length, piece.Length));
            try
            {
                var reader = new CommandReader(block, length, limits, partial);
                var status = ReadAll(ref reader, args, read);
                Assert.InRange(reader.Consumed, 0, length);
                if (status == ReadStatus.ProtocolError) return read.Append(Encoding.Latin1.GetString(reader.Error!)).ToString();
                Assert.True(reader.NeededBytes >= 1);
                partial = reader.Partial;
                held = new Span<byte>(block + reader.Consumed, length - reader.Consumed).ToArray();
            }
            finally
            {
                NativeMemory.Free(block);
            }
        }

        return read.ToString();
    }

    /// <summary>The bytes cut at these places.</summary>
    public static byte[][] Split(byte[] bytes, params ReadOnlySpan<int> places)
    {
        var pieces = new List<byte[]>();
        var from = 0;
        foreach (var place in places)
        {
            pieces.Add(bytes[from..place]);
            from = place;
        }

        pieces.Add(bytes[from..]);
        return [.. pieces];
    }

    public static byte[][] Bytes(byte[] bytes) => [.. bytes.Select(b => new[] { b })];

    private static ReadStatus ReadAll(ref CommandReader reader, ArgumentList args, StringBuilder read)
    {
        while (true)
        {
            var status = reader.TryRead(args);
            if (status != ReadStatus.Command) return status;
            if (args.Count == 0) continue;
            for (var i = 0; i < args.Count; i++) read.Append('[').Append(Encoding.Latin1.GetString(args[i])).Append(']');
            read.Append('\n');
        }
    }
}
