namespace OrleansKv.Engine.Execution;

/// <summary>The engine's time: whatever <see cref="TimeProvider"/> it is given, never the wall clock itself.</summary>
public sealed class ServerClock(TimeProvider provider)
{
    private long _floorMs;

    /// <summary>For what waits on this time.</summary>
    public TimeProvider Provider => provider;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long NowMs => Math.Max(provider.GetUtcNow().ToUnixTimeMilliseconds(), Volatile.Read(ref _floorMs));

    /// <summary>Microseconds since the Unix epoch.</summary>
    public long NowUs => Math.Max((provider.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / 10, Volatile.Read(ref _floorMs) * 1000);

    /// <summary>A monotonic time stamp, in units of <see cref="TicksPerSecond"/>.</summary>
    public long Timestamp => provider.GetTimestamp();

    public long TicksPerSecond => provider.TimestampFrequency;

    /// <summary>
    /// Has the time be no earlier from now on: what somebody else has said of keys that are served here holds at that time, and a key that was seen to
    /// have expired does not come back. The clock stands until its own time is as late. Any thread.
    /// </summary>
    public void RaiseTo(long nowMs)
    {
        for (var floor = Volatile.Read(ref _floorMs); floor < nowMs;)
        {
            var found = Interlocked.CompareExchange(ref _floorMs, nowMs, floor);
            if (found == floor) return;
            floor = found;
        }
    }

    /// <summary>A timer on this time, not running yet.</summary>
    public ITimer CreateTimer(Action callback) =>
        provider.CreateTimer(static state => ((Action)state!)(), callback, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
