using System.Collections.Concurrent;

namespace OrleansKv.Drill.Client;

/// <summary>What is known about a command after it was tried.</summary>
internal enum Fate
{
    /// <summary>It was executed, and this is its reply.</summary>
    Done,

    /// <summary>It was certainly not executed: nobody was there, or the server refused it.</summary>
    Refused,

    /// <summary>It was sent and no reply came; it may be executed, even later. Never to be repeated.</summary>
    Unknown,
}

/// <summary>A command's fate, and its reply where it was executed.</summary>
internal readonly record struct Outcome(Fate Fate, Reply? Reply)
{
    public static Outcome Refused => new(Fate.Refused, null);

    public static Outcome Unknown => new(Fate.Unknown, null);

    public static Outcome Done(Reply reply) => new(Fate.Done, reply);
}

/// <summary>How often each kind of failure was seen, by any thread.</summary>
internal sealed class ErrorCounts
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public void Add(string kind) => _counts.AddOrUpdate(kind, 1, static (_, count) => count + 1);

    public IReadOnlyDictionary<string, long> Take()
    {
        var taken = new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
        _counts.Clear();
        return taken;
    }
}
