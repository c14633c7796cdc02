namespace OrleansKv.Engine.Replication;

/// <summary>The times and bounds of replication; the defaults are what a cluster on one network is run with.</summary>
public sealed record ReplicationOptions
{
    /// <summary>How long an answer of a replica keeps it from becoming primary. No longer than 500 ms, which is how long a failover waits.</summary>
    public int LeaseMs { get; init; } = 500;

    /// <summary>How often a replica that there is nothing to send to is asked for a new promise.</summary>
    public int HeartbeatMs { get; init; } = 100;

    /// <summary>When what was not acknowledged is sent again.</summary>
    public int RetransmitMs { get; init; } = 200;

    /// <summary>A replica that has not answered for this long is dropped, whatever membership says.</summary>
    public int SilenceMs { get; init; } = 1000;

    /// <summary>When a report to the map that was not answered is made again.</summary>
    public int ReportRetryMs { get; init; } = 250;

    /// <summary>When a hand-over that has not come to asking the map is given up, and its slots are served here again.</summary>
    public int HandOverMs { get; init; } = 1000;

    /// <summary>Bytes that may be on the way to a replica, unacknowledged.</summary>
    public int WindowBytes { get; init; } = 4 << 20;

    /// <summary>Bytes of one request, about.</summary>
    public int BatchBytes { get; init; } = 256 << 10;

    /// <summary>Requests on the way to a replica at a time.</summary>
    public int MaxRequests { get; init; } = 2;

    /// <summary>Replies do not wait for replicas, as in Redis: what the last moment wrote may be lost with a silo. Leases are kept nevertheless.</summary>
    public bool IsAsynchronous { get; set; }

    /// <summary>How long the promise binds who gave it: longer than its holder counts on it, for clocks that do not run equally fast.</summary>
    public long PromiseMs => LeaseMs + LeaseMs / 10 + 1;
}
