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
        var (kind, leftMs) = Server.Pause.At(Server.Store.Clock.NowMs);
        if (kind == PauseKind.None || (kind == PauseKind.Write && !MayWrite(row))) return false;
        IsPaused = true;
        _resumeTimer = _loop.Loop.Schedule((int)Math.Min(leftMs, int.MaxValue), EndPause);
        return true;
    }

    private bool MayWrite(CommandRow row) => Includes(row, CommandFlags.Write | CommandFlags.MayReplicate);

    // Whether a command has one of these flags; EXEC has those of what it runs.
    private bool Includes(CommandRow row, CommandFlags flags) =>
        row.Is(flags) || (IsInTransaction && (Transaction.QueuedFlags & flags) != 0 && IsExec(row));

    private static bool IsExec(CommandRow row) => row.Name == "exec";
}
