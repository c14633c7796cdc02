using System.Collections.Concurrent;

namespace OrleansKv.Orleans.Conformance;

/// <summary>
/// Events by name that tests and grains share, since all silos of these tests run in the test's process. Names carry a grain's
/// key, and every test takes keys of its own.
/// </summary>
public static class Signals
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<string>> Sources = new();

    public static string NewKey() => Guid.NewGuid().ToString("N");

    public static bool IsSet(string name) => Source(name).Task.IsCompleted;

    public static void Set(string name, string value = "") => Source(name).TrySetResult(value);

    /// <summary>Waits for the event, in bounded time; returns the value it was set with.</summary>
    public static Task<string> WaitAsync(string name) => Source(name).Task.WaitAsync(Limit);

    private static TaskCompletionSource<string> Source(string name) =>
        Sources.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
