namespace OrleansKv.Engine.Execution;

/// <summary>What CLIENT PAUSE holds back.</summary>
public enum PauseKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Commands that may write.</summary>
    Write,

    /// <summary>Every command of ordinary clients.</summary>
    All,
}

/// <summary>CLIENT PAUSE: until when which commands of clients wait. Any thread.</summary>
/// <remarks>While it is in force nothing is evicted, and no expired key is removed except by a write that was let through: whoever waits for the
/// pause, to compare or to copy, finds the data as it was when it began.</remarks>
public sealed class PauseState
{
    private readonly Lock _gate = new();
    private PauseKind _kind;
    private long _endMs;
    private volatile bool _isSet;

    /// <summary>True while a pause may be in force; the fast look before each command.</summary>
    public bool IsSet => _isSet;

    /// <summary>Starts or extends a pause: the later end and the stricter kind of the old and the new hold.</summary>
    public void Start(PauseKind kind, long endMs, long nowMs)
    {
        lock (_gate)
        {
            var current = KindAt(nowMs);
            _kind = kind > current ? kind : current;
            _endMs = current == PauseKind.None ? endMs : Math.Max(_endMs, endMs);
            _isSet = true;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _kind = PauseKind.None;
            _isSet = false;
        }
    }

    /// <summary>What is held back at a time, and for how many milliseconds yet.</summary>
    public (PauseKind Kind, long LeftMs) At(long nowMs)
    {
        if (!_isSet) return default;
        lock (_gate)
        {
            var kind = KindAt(nowMs);
            return (kind, kind == PauseKind.None ? 0 : _endMs - nowMs);
        }
    }

    /// <summary>True while a pause of either kind is in force.</summary>
    public bool IsActiveAt(long nowMs) => _isSet && At(nowMs).Kind != PauseKind.None;

    private PauseKind KindAt(long nowMs)
    {
        if (_kind != PauseKind.None && nowMs >= _endMs)
        {
            _kind = PauseKind.None;
            _isSet = false;
        }

        return _kind;
    }
}
