using System.Collections.Concurrent;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Execution;

/// <summary>Frees big collections on a thread of its own, so that no client waits for it.</summary>
public sealed class LazyFree : IDisposable
{
    /// <summary>Collections of more allocations than this are worth the hand-over; Redis's LAZYFREE_THRESHOLD.</summary>
    public const int BackgroundEffort = 64;

    /// <summary>Collections of more allocations are never freed on the spot, where it would take milliseconds under a slot lock.</summary>
    public const int MaxForegroundEffort = 16 * 1024;

    private readonly BlockingCollection<Action> _queue = [];
    private readonly Thread _thread;
    private long _pending;
    private long _pendingBytes;
    private long _freed;

    public LazyFree()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "lazy-free" };
        _thread.Start();
    }

    /// <summary>Objects waiting to be freed: INFO's lazyfree_pending_objects.</summary>
    public long PendingCount => Interlocked.Read(ref _pending);

    /// <summary>Native bytes of the collections waiting to be freed, about: what memory is sure to lose without any eviction.</summary>
    public long PendingBytes => Interlocked.Read(ref _pendingBytes);

    /// <summary>Objects freed here so far: INFO's lazyfreed_objects.</summary>
    public long FreedCount => Interlocked.Read(ref _freed);

    public void Enqueue(Collection collection)
    {
        var bytes = collection.NativeBytes;
        Interlocked.Add(ref _pendingBytes, bytes);
        Enqueue(1, () =>
        {
            collection.Free();
            Interlocked.Add(ref _pendingBytes, -bytes);
        });
    }

    /// <summary>Has <paramref name="free"/> give back what <paramref name="objects"/> objects held.</summary>
    public void Enqueue(long objects, Action free)
    {
        Interlocked.Add(ref _pending, objects);
        _queue.Add(() =>
        {
            free();
            Interlocked.Add(ref _pending, -objects);
            Interlocked.Add(ref _freed, objects);
        });
    }

    /// <summary>CONFIG RESETSTAT.</summary>
    public void ResetStatistics() => Interlocked.Exchange(ref _freed, 0);

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private void Run()
    {
        foreach (var free in _queue.GetConsumingEnumerable()) free();
    }
}
