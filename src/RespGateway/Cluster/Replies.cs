using System.Text;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Puts replies of several silos together.</summary>
internal static class Replies
{
    /// <summary>The sum of integer replies.</summary>
    public static ReadOnlyMemory<byte> Sum(List<ForwardedPart> parts) =>
        Encoding.ASCII.GetBytes($":{parts.Sum(part => RespScanner.IntegerOf(part.LastReply.Span) ?? throw new FormatException("A silo's reply is no number."))}\r\n");

    /// <summary>The elements of an array reply.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> reply)
    {
        var count = RespScanner.CountOf(reply.Span, out var at) ?? throw new FormatException("A silo's reply is no array.");
        for (var i = 0; i < count; i++)
        {
            var length = RespScanner.LengthOf(reply.Span[at..]);
            yield return reply.Slice(at, length);
            at += length;
        }
    }

    /// <summary>An array of these.</summary>
    public static ReadOnlyMemory<byte> Array(IReadOnlyCollection<ReadOnlyMemory<byte>> elements)
    {
        var header = Encoding.ASCII.GetBytes($"*{elements.Count}\r\n");
        var bytes = new byte[header.Length + elements.Sum(element => element.Length)];
        header.CopyTo(bytes, 0);
        var at = header.Length;
        foreach (var element in elements)
        {
            element.Span.CopyTo(bytes.AsSpan(at));
            at += element.Length;
        }

        return bytes;
    }
}
