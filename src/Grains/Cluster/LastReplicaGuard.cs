using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// Holds back reports that would leave a primary without any copy in sync, for as long as the last replica can be reached: then the cut is
/// between the two, and membership may yet declare the primary dead, whose slots only that replica can inherit. Once membership has had time for
/// its verdict, or the replica does not answer, the report is let through. The primary makes it again and again until then.
/// </summary>
/// <param name="ping">Asks a silo for a sign of life, and calls back when it has come.</param>
internal sealed class LastReplicaGuard(Action<string, Action> ping)
{
    /// <summary>How long membership may take to say which side of a cut is dead.</summary>
    public const long VerdictMs = 4000;

    /// <summary>How long a sign of life may take, and how long it counts.</summary>
    public const long AnswerMs = 200;

    /// <summary>After so long without asking, a primary that asks begins anew.</summary>
    private const long ForgetMs = 2000;

    private readonly Dictionary<string, Request> _requests = [];

    /// <summary>Whether a report may take effect now.</summary>
    /// <param name="map">The map that the report is about.</param>
    /// <param name="primary">Who reports.</param>
    /// <param name="copies">What it reports.</param>
    /// <param name="nowMs">A monotonic time.</param>
    public bool Allows(SlotMap map, string primary, SyncedCopy[] copies, long nowMs)
    {
        if (copies.Length > 0 || map.Find(primary) is not { InSync.Length: > 0 } member)
        {
            _requests.Remove(primary);
            return true;
        }

        if (!_requests.TryGetValue(primary, out var request) || nowMs - request.LastMs > ForgetMs)
            _requests[primary] = request = new Request { SinceMs = nowMs, PingedMs = nowMs };
        var isFirst = request.LastMs == 0;
        request.LastMs = Math.Max(1, nowMs);
        if (nowMs - request.SinceMs >= VerdictMs) return true;
        if (!isFirst && nowMs - request.PingedMs < AnswerMs) return false;
        if (!isFirst && !request.IsReached) return true;
        request.IsReached = false;
        request.PingedMs = nowMs;
        foreach (var replica in member.InSync) ping(replica, () => request.IsReached = true);
        return false;
    }

    /// <summary>A primary that wants to be alone.</summary>
    private sealed class Request
    {
        public long SinceMs { get; init; }

        public long LastMs { get; set; }

        public long PingedMs { get; set; }

        public bool IsReached { get; set; }
    }
}
