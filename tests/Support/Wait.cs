using System.Diagnostics;

namespace OrleansKv.Support;

/// <summary>The one place where a test waits for something that it cannot be told about. Always bounded.</summary>
public static class Wait
{
    private const int PollMs = 1;

    /// <summary>Asks until the answer is yes; false when the time ran out first.</summary>
    public static bool Until(Func<bool> condition, int timeoutMs = 5_000)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > timeoutMs)
                return false;
            Thread.Sleep(PollMs);
        }
        return true;
    }
}
