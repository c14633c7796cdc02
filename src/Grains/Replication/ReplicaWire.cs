using System.Runtime.InteropServices;
using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Grains.Replication;

/// <summary>Between the messages of replication and what crosses the grain interface.</summary>
internal static class ReplicaWire
{
    /// <summary>
    /// An item that is too long for a message ends the call: if it is the first it goes without its bytes, which have gone in parts; else the request
    /// ends before it, and the primary sends it again.
    /// </summary>
    public static ReplicaCall ToCall(ReplicateRequest request)
    {
        var items = new List<ReplicaItem>(request.Items.Count);
        foreach (var item in request.Items)
        {
            var isTooLong = OutgoingParts.IsTooLong(item);
            if (isTooLong && items.Count > 0) break;
            var position = isTooLong ? (byte)((byte)item.Position | ReplicaItem.InParts) : (byte)item.Position;
            items.Add(new(item.Lsn, item.Slot, item.Epoch, position, isTooLong ? [] : ToArray(item.Bytes)));
            if (isTooLong) break;
        }

        return new(request.Primary, request.MapVersion, request.Session, request.Sequence, request.Number, request.SentMs, [.. items]);
    }

    public static ReplicateRequest FromCall(ReplicaCall call) => new(
        call.Primary, call.MapVersion, call.Session, call.Sequence, call.Number, call.SentMs,
        Array.ConvertAll(call.Items, item => new StreamItem(item.Lsn, item.Slot, item.Epoch, (PiecePosition)item.Position, item.Bytes)));

    public static ReplicaAnswer ToAnswer(ReplicateReply reply) =>
        new(reply.Session, reply.MapVersion, reply.NextSequence, reply.Number, reply.SentMs, reply.IsPromise);

    public static ReplicateReply FromAnswer(ReplicaAnswer answer) =>
        new(answer.Session, answer.MapVersion, answer.NextSequence, answer.Number, answer.SentMs, answer.IsPromise);

    /// <summary>The array itself, as whoever reads the journal makes one for each item.</summary>
    private static byte[] ToArray(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Count == segment.Array!.Length ? segment.Array : bytes.ToArray();
}
