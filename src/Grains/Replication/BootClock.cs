using System.Runtime.InteropServices;

namespace OrleansKv.Grains.Replication;

/// <summary>A monotonic clock that runs on while the machine is suspended, so that a lease does not outlive a sleep.</summary>
internal static class BootClock
{
    private const int ClockBootTime = 7;

    /// <summary>Milliseconds since the machine's start.</summary>
    public static long NowMs
    {
        get
        {
            // Elsewhere the framework's tick count is one that counts suspension (Windows), or the best there is.
            if (!OperatingSystem.IsLinux() || GetTime(ClockBootTime, out var time) != 0) return Environment.TickCount64;
            return (time.Seconds * 1000L) + (time.Nanoseconds / 1_000_000);
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime"), SuppressGCTransition]
    private static extern int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
