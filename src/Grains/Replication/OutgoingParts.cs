using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Grains.Replication;

/// <summary>
/// Sends the items that are too long for one message: their bytes go ahead in parts, one call after the other, so that promises are asked for and given
/// between them, and no value is too long. A part that is lost ends it; the item is sent again as any other, and goes on where it was.
/// </summary>
/// <remarks>
/// What the primary sends meanwhile from the same item on would be passed over, and the item again is what it sends most: that is not sent, but
/// counts as lost. Any thread.
/// </remarks>
internal sealed class OutgoingParts
{
    /// <summary>
    /// Bytes of a part, and of the longest item that goes in one message. No less than <see cref="ReplicationOptions.WindowBytes"/>: an item that is
    /// longer is the last that is on the way.
    /// </summary>
    public const int PartBytes = 4 << 20;

    // By replica. Under its own lock.
    private readonly Dictionary<string, Transfer> _underWay = [];

    public static bool IsTooLong(StreamItem item) => item.Bytes.Length > PartBytes;

    /// <summary>
    /// Sends the first item of a request; done when it has been answered, or another request has taken its place, or it is under way already.
    /// </summary>
    /// <param name="replica">The name of the replica.</param>
    /// <param name="grain">The replica.</param>
    /// <param name="request">Its first item is too long.</param>
    /// <param name="send">Makes the call that brings the item without its bytes.</param>
    public async Task SendAsync(string replica, IReplicaGrain grain, ReplicateRequest request, Func<ReplicateRequest, Task> send)
    {
        var transfer = new Transfer(request);
        if (!TryBegin(replica, transfer)) return;
        try
        {
            var bytes = request.Items[0].Bytes;
            for (var sent = 0; sent < bytes.Length;)
            {
                var part = bytes.Slice(sent, Math.Min(PartBytes, bytes.Length - sent)).ToArray();
                var taken = await grain
                    .TakePartAsync(new(request.Primary, request.Session, request.Sequence, bytes.Length, sent, part)).ConfigureAwait(false);
                if (taken <= sent || !IsUnderWay(replica, transfer)) return;
                sent = taken;
            }

            await send(transfer.Latest with { Sequence = request.Sequence, Items = [request.Items[0]] }).ConfigureAwait(false);
        }
        finally
        {
            End(replica, transfer);
        }
    }

    private bool TryBegin(string replica, Transfer transfer)
    {
        var request = transfer.Latest;
        lock (_underWay)
        {
            if (_underWay.TryGetValue(replica, out var other) && other.Session == request.Session && other.Sequence <= request.Sequence)
            {
                // Its number and time go with the item: so the answer tells the primary that this one will not be answered.
                other.Latest = request;
                return false;
            }

            _underWay[replica] = transfer;
            return true;
        }
    }

    private bool IsUnderWay(string replica, Transfer transfer)
    {
        lock (_underWay) return _underWay.GetValueOrDefault(replica) == transfer;
    }

    private void End(string replica, Transfer transfer)
    {
        lock (_underWay)
            if (_underWay.GetValueOrDefault(replica) == transfer) _underWay.Remove(replica);
    }

    private sealed class Transfer(ReplicateRequest request)
    {
        public long Session { get; } = request.Session;

        public long Sequence { get; } = request.Sequence;

        /// <summary>The last request that began with this item or a later one.</summary>
        public ReplicateRequest Latest { get; set; } = request;
    }
}
