namespace OrleansKv.Engine.Execution;

/// <summary>The engine's time: whatever <see cref="TimeProvider"/> it is given, never the wall clock itself.</summary>
public sealed class ServerClock(TimeProvider provider)
{
    /// <summary>For what waits on this time.</summary>
    public TimeProvider Provider => provider;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long NowMs => provider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Microseconds since the Unix epoch.</summary>
    public long NowUs => (provider.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    /// <summary>A monotonic time stamp, in units of <see cref="TicksPerSecond"/>.</summary>
    public long Timestamp => provider.GetTimestamp();

    public long TicksPerSecond => provider.TimestampFrequency;

    /// <summary>A timer on this time, not running yet.</summary>
    public ITimer CreateTimer(Action callback) =>
        provider.CreateTimer(static state => ((Action)state!)(), callback, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
