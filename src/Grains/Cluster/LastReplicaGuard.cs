using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// Holds back reports that would leave slots of a primary without any copy: whoever hears nothing of its last replica may be the one that is cut off,
/// and membership may declare it dead, whose slots only that replica can inherit. The replica's silence towards the map proves nothing either,
/// since the map's silo may be cut off together with the primary, or be the primary. So a report is let through when membership has had time for
/// its verdict, and the map's silo hears another silo than the primary. The primary makes it again and again until then.
/// </summary>
/// <param name="self">The silo that the map is on.</param>
/// <param name="ping">Asks a silo for a sign of life, and calls back when it has come.</param>
internal sealed class LastReplicaGuard(string self, Action<string, Action> ping)
{
    /// <summary>How long membership may take to say which side of a cut is dead.</summary>
    public const long VerdictMs = 4000;

    /// <summary>How often signs of life are asked for.</summary>
    public const long PingMs = 200;

    /// <summary>How long a sign of life counts from when it was asked for.</summary>
    public const long FreshMs = 1000;

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
        if (map.Find(primary) is not { } member || !map.RangesOf(primary).Any(range => LosesLast(member, range, copies)))
        {
            _requests.Remove(primary);
            return true;
        }

        if (!_requests.TryGetValue(primary, out var request) || nowMs - request.LastMs > ForgetMs)
            _requests[primary] = request = new Request { SinceMs = nowMs, PingedMs = nowMs - PingMs };
        request.LastMs = nowMs;
        var others = Array.FindAll(map.Members, member => member.Silo != primary && member.Silo != self);
        if (nowMs - request.PingedMs >= PingMs) Ping(request, others, nowMs);
        return nowMs - request.SinceMs >= VerdictMs
            && (nowMs - request.HeardMs <= FreshMs || (others.Length == 0 && primary != self));
    }

    /// <summary>Whether slots have a copy, and would have none.</summary>
    private static bool LosesLast(MapMember primary, SlotRange range, SyncedCopy[] copies)
    {
        var keeper = range.KeptBy == primary.Silo ? null : range.KeptBy;
        return (keeper != null || Array.Exists(primary.InSync, silo => primary.HoldsCopy(silo, range.Epoch)))
            && !Array.Exists(copies, copy => copy.Silo == keeper || copy.Through >= range.Epoch);
    }

    private void Ping(Request request, MapMember[] silos, long nowMs)
    {
        request.PingedMs = nowMs;
        foreach (var silo in silos) ping(silo.Silo, () => request.HeardMs = Math.Max(request.HeardMs, nowMs));
    }

    /// <summary>A primary that wants to be alone.</summary>
    private sealed class Request
    {
        public required long SinceMs { get; init; }

        public long LastMs { get; set; }

        public required long PingedMs { get; set; }

        /// <summary>When the latest ping was sent that was answered.</summary>
        public long HeardMs { get; set; } = long.MinValue / 2;
    }
}
