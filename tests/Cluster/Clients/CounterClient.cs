using System.Diagnostics;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>
/// A client library with counters of its own that it counts up. It counts what it sent and what was acknowledged: a counter's value must lie
/// between the two. Used by one thread at a time.
/// </summary>
internal abstract class CounterClient(string name) : IDisposable
{
    private const int Count = 24;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    public string Name { get; } = name;

    public string[] Keys { get; } = [.. Enumerable.Range(0, Count).Select(i => $"{name}:{i}")];

    /// <summary>Of each counter; at least as often as an increment may have reached a server.</summary>
    public long[] Sent { get; protected set; } = new long[Count];

    /// <summary>Of each counter.</summary>
    public long[] Acknowledged { get; protected set; } = new long[Count];

    /// <summary>The number that the server gave to the only connection of a plain client, when it was last heard of.</summary>
    public long Connection { get; protected set; }

    /// <summary>What failed last, in the library's words.</summary>
    public string? Error { get; protected set; }

    /// <summary>Increments every counter once, as far as it can; true when every increment was acknowledged.</summary>
    public bool Round()
    {
        long[] before = [.. Acknowledged];
        IncrementAll();
        return Acknowledged.Zip(before).All(pair => pair.First > pair.Second);
    }

    public abstract void Dispose();

    protected abstract void IncrementAll();

    /// <summary>A line that a client's process prints; null at its end. A client that hangs is a failure.</summary>
    protected static string? LineOf(Process client) => client.StandardOutput.ReadLineAsync().WaitAsync(AnswerTimeout).GetAwaiter().GetResult();
}
