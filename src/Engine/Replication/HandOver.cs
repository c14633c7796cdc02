namespace OrleansKv.Engine.Replication;

/// <summary>
/// A planned move of slots to a replica in sync. They are frozen, everything done on them is committed and acknowledged by the target, and
/// only then is the map asked. A report whose fate is unknown keeps them frozen until a later map tells; before one, they can be taken back.
/// </summary>
internal sealed class HandOver(string self, int first, int last, string target, long frozenLsn, long startedMs)
{
    private long _reportedVersion = -1;
    private long _reportedMs;

    public int First => first;

    public int Last => last;

    /// <summary>Goes on where it can.</summary>
    /// <returns>False where it is given up: the slots are to be served again.</returns>
    public bool Pump(PrimarySide primary, IReplicationHost host, ReplicationOptions options, long version, long epoch, long nowMs)
    {
        var isInDoubt = _reportedVersion == version;
        if (isInDoubt)
        {
            if (nowMs - _reportedMs < options.ReportRetryMs) return true;
            host.RefreshMap(version);
        }
        else if (nowMs - startedMs >= options.HandOverMs || !primary.IsInSync(target, epoch))
        {
            return false;
        }

        if (!isInDoubt && !(primary.IsCommitted(frozenLsn, nowMs) && primary.HasAcknowledged(target, frozenLsn))) return true;
        _reportedVersion = version;
        _reportedMs = nowMs;
        host.Report(new MoveReport(self, version, first, last, target));
        return true;
    }
}
