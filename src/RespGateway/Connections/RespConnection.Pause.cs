using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    // How often a slot that is changing its owner is looked at.
    private const int OwnerLookMs = 5;

    private long _heldAt = -1;
    private long _heldUntilMs;

    /// <summary>Set while the client is held back before its next command: by CLIENT PAUSE, or until a slot has an owner that serves it.</summary>
    internal bool IsPaused { get; private set; }

    /// <summary>On the connection's loop: goes on with what a pause held back, which may hold it back again.</summary>
    internal void EndPause()
    {
        if (!IsPaused) return;
        IsPaused = false;
        _resumeTimer?.Cancel();
        Resume();
    }

    // Parks the connection before a command that CLIENT PAUSE holds back; it is read again when the pause is over.
    private bool IsHeldByPause(CommandRow row)
    {
        var leftMs = Admission.PausedMs(Server.Store, FlagsOf(row));
        if (leftMs == 0) return false;
        Hold(leftMs);
        return true;
    }

    // Holds the client back before a command on a slot that is changing its owner. False when that has taken too long.
    private bool WaitsForOwner()
    {
        if (_heldAt != ConsumedBytes) (_heldAt, _heldUntilMs) = (ConsumedBytes, _loop.Loop.NowMs + Server.Config.ClusterNodeTimeoutMs);
        if (_loop.Loop.NowMs >= _heldUntilMs) return false;
        Hold(OwnerLookMs);
        return true;
    }

    private void Hold(long forMs)
    {
        IsPaused = true;
        _resumeTimer = _loop.Loop.Schedule((int)Math.Min(forMs, int.MaxValue), EndPause);
    }

    // A command's flags; EXEC has those of what it runs too.
    private CommandFlags FlagsOf(CommandRow row) => IsInTransaction && IsExec(row) ? row.Flags | Transaction.QueuedFlags : row.Flags;

    private static bool IsExec(CommandRow row) => row.Name == "exec";
}
