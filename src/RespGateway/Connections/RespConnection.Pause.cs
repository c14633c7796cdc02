using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    /// <summary>Set while CLIENT PAUSE holds the client back before its next command.</summary>
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
        IsPaused = true;
        _resumeTimer = _loop.Loop.Schedule((int)Math.Min(leftMs, int.MaxValue), EndPause);
        return true;
    }

    // A command's flags; EXEC has those of what it runs too.
    private CommandFlags FlagsOf(CommandRow row) => IsInTransaction && IsExec(row) ? row.Flags | Transaction.QueuedFlags : row.Flags;

    private static bool IsExec(CommandRow row) => row.Name == "exec";
}
