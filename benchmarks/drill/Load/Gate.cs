namespace OrleansKv.Drill.Load;

/// <summary>Lets a group of threads work, and holds them all outside while somebody looks at what they did.</summary>
internal sealed class Gate
{
    private readonly object _lock = new();
    private volatile bool _isOpen;
    private bool _isGone;
    private int _inside;

    /// <summary>A thread inside leaves as soon as it can when this turns false.</summary>
    public bool IsOpen => _isOpen;

    public void Open()
    {
        lock (_lock)
        {
            _isOpen = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until it is open; false when it will not open again.</summary>
    public bool Enter()
    {
        lock (_lock)
        {
            while (!_isOpen && !_isGone)
                Monitor.Wait(_lock);
            if (_isGone)
                return false;
            _inside++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _inside--;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Closes and waits until nobody is inside; false when the time ran out first.</summary>
    public bool Close(int timeoutMs)
    {
        long end = Environment.TickCount64 + timeoutMs;
        lock (_lock)
        {
            _isOpen = false;
            while (_inside > 0)
            {
                long leftMs = end - Environment.TickCount64;
                if (leftMs <= 0 || !Monitor.Wait(_lock, (int)leftMs))
                    return _inside == 0;
            }
            return true;
        }
    }

    public void CloseForEver()
    {
        lock (_lock)
        {
            _isOpen = false;
            _isGone = true;
            Monitor.PulseAll(_lock);
        }
    }
}
