// Stands for Orleans.Runtime.IGrainTimer and Orleans.Runtime.GrainTimerCreationOptions.
using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer whose ticks are turns of its grain. It ends with the activation.</summary>
public interface IGrainTimer : IDisposable
{
    void Change(TimeSpan dueTime, TimeSpan period);
}

public readonly struct GrainTimerCreationOptions
{
    public GrainTimerCreationOptions()
    {
    }

    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        Period = period;
    }

    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of one tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether ticks may begin while calls of the grain are running.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use and so keeps the activation from being collected.</summary>
    public bool KeepAlive { get; init; }
}
