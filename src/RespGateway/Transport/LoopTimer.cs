namespace OrleansKv.RespGateway.Transport;

/// <summary>A callback that a loop runs once, never before its time. Belongs to the thread of the loop that made it.</summary>
public sealed class LoopTimer
{
    private readonly TimerQueue _queue;

    internal LoopTimer(TimerQueue queue, long dueMs, long sequence, Action work)
    {
        _queue = queue;
        DueMs = dueMs;
        Sequence = sequence;
        Work = work;
    }

    internal long DueMs { get; }

    /// <summary>Timers due in the same millisecond run in the order in which they were scheduled.</summary>
    internal long Sequence { get; }

    internal Action Work { get; }

    /// <summary>Place in the queue's heap, or -1 when it is not queued.</summary>
    internal int HeapIndex { get; set; } = -1;

    public bool IsPending => HeapIndex >= 0;

    /// <summary>Makes sure that the callback does not run any more. Cancelling a timer that has run or was cancelled does nothing.</summary>
    public void Cancel() => _queue.Remove(this);
}

/// <summary>
/// A binary heap of timers by due time. Each timer knows its place, so that cancelling, the usual fate of a timeout, takes logarithmic
/// time and leaves nothing behind.
/// </summary>
internal sealed class TimerQueue
{
    private LoopTimer[] _heap = new LoopTimer[16];
    private int _count;
    private long _nextSequence;

    public int Count => _count;

    public LoopTimer Add(long dueMs, Action work)
    {
        var timer = new LoopTimer(this, dueMs, _nextSequence++, work);
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        SiftUp(_count++, timer);
        return timer;
    }

    public void Remove(LoopTimer timer)
    {
        int hole = timer.HeapIndex;
        if (hole < 0)
            return;
        timer.HeapIndex = -1;
        LoopTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (hole == _count)
            return;
        if (hole > 0 && IsBefore(last, _heap[(hole - 1) / 2]))
            SiftUp(hole, last);
        else
            SiftDown(hole, last);
    }

    /// <summary>Milliseconds until the first timer is due, 0 if it is, -1 if there is none.</summary>
    public int WaitMs(long nowMs) => _count == 0 ? -1 : (int)Math.Clamp(_heap[0].DueMs - nowMs, 0, int.MaxValue);

    /// <summary>Takes the first timer out if it is due and was scheduled before <paramref name="sequenceLimit"/>.</summary>
    public LoopTimer? TakeDue(long nowMs, long sequenceLimit)
    {
        if (_count == 0 || _heap[0].DueMs > nowMs || _heap[0].Sequence >= sequenceLimit)
            return null;
        LoopTimer first = _heap[0];
        Remove(first);
        return first;
    }

    /// <summary>The sequence number that the next timer gets.</summary>
    public long NextSequence => _nextSequence;

    private void SiftUp(int index, LoopTimer timer)
    {
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (!IsBefore(timer, _heap[parent]))
                break;
            Place(index, _heap[parent]);
            index = parent;
        }
        Place(index, timer);
    }

    private void SiftDown(int index, LoopTimer timer)
    {
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && IsBefore(_heap[child + 1], _heap[child]))
                child++;
            if (!IsBefore(_heap[child], timer))
                break;
            Place(index, _heap[child]);
            index = child;
        }
        Place(index, timer);
    }

    private void Place(int index, LoopTimer timer)
    {
        _heap[index] = timer;
        timer.HeapIndex = index;
    }

    private static bool IsBefore(LoopTimer a, LoopTimer b) => a.DueMs != b.DueMs ? a.DueMs < b.DueMs : a.Sequence < b.Sequence;
}
