using OrleansKv.Engine.Execution;

namespace OrleansKv.Grains.Replication;

/// <summary>WAIT for writes on this silo by clients of another silo's gateway.</summary>
internal static class ReplicaCount
{
    /// <summary>Gives how many replicas have everything that was written on this silo until now: when they are enough, or the time is over.</summary>
    /// <param name="store">The silo's.</param>
    /// <param name="count">How many are enough.</param>
    /// <param name="limitMs">Milliseconds; 0 does not wait.</param>
    /// <param name="time">What the limit is measured with.</param>
    public static async Task<int> AwaitAsync(Store store, long count, int limitMs, TimeProvider time)
    {
        if (store.Replication is not { } replication) return 0;
        var lsn = store.Journal?.LastLsn ?? 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        replication.Acknowledged += Look;
        try
        {
            Look();
            if (limitMs > 0) await enough.Task.WaitAsync(TimeSpan.FromMilliseconds(limitMs), time);
        }
        catch (TimeoutException)
        {
            // As many as there are by now.
        }
        finally
        {
            replication.Acknowledged -= Look;
        }

        return replication.CountAcknowledged(lsn);

        void Look()
        {
            if (replication.CountAcknowledged(lsn) >= count) enough.TrySetResult();
        }
    }
}
