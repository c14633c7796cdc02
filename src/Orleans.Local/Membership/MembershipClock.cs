using Orleans;

namespace OrleansKv.LocalRuntime;

/// <summary>Waiting and dating, by the silo's clock.</summary>
internal static class MembershipClock
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Throws OperationCanceledException when the token ends the wait.</summary>
    public static async Task WaitAsync(this TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(duration < Shortest ? Shortest : duration, time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Now, in UTC, as the table keeps it.</summary>
    public static DateTime Now(this TimeProvider time) => time.GetUtcNow().UtcDateTime;

    /// <summary>When the silo of the row last showed that it lives: a start counts.</summary>
    public static DateTime LastSign(this MembershipEntry entry) =>
        entry.StartTime > entry.IAmAliveTime ? entry.StartTime : entry.IAmAliveTime;
}
