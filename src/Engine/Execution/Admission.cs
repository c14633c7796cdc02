using OrleansKv.Engine.Commands;

namespace OrleansKv.Engine.Execution;

/// <summary>What is asked of the store before a command runs, whether it came from a client of a gateway or in a grain call.</summary>
public static class Admission
{
    /// <summary>
    /// Evicts before a command that may take more memory. False where that is not enough: such a command is refused with
    /// <see cref="Protocol.ErrorText.OutOfMemory"/>.
    /// </summary>
    /// <param name="worker">Who evicts; holds no lock afterwards where it had to.</param>
    /// <param name="flags">The command's flags; EXEC has those of what it runs too.</param>
    public static bool HasMemoryFor(Worker worker, CommandFlags flags) =>
        (flags & CommandFlags.DenyOom) == 0
        || worker.Store.Config.MaxMemoryBytes <= 0
        || worker.Store.Evictor.TryEvict(worker) != EvictionOutcome.Failed;

    /// <summary>
    /// Whether as many replicas as min-replicas-to-write asks for are there. False refuses a write with
    /// <see cref="Protocol.ErrorText.NoReplicas"/>.
    /// </summary>
    /// <param name="worker">Who would execute it.</param>
    /// <param name="flags">The command's flags; EXEC has those of what it runs too.</param>
    public static bool HasReplicasFor(Worker worker, CommandFlags flags)
    {
        var config = worker.Store.Config;
        return config.MinReplicasToWrite == 0 || config.MinReplicasMaxLagSeconds == 0 || (flags & CommandFlags.Write) == 0
            || worker.CountGoodReplicas() >= config.MinReplicasToWrite;
    }

    /// <summary>For how many milliseconds yet CLIENT PAUSE holds a command of these flags back; 0 where it may run.</summary>
    public static long PausedMs(Store store, CommandFlags flags)
    {
        if (!store.Pause.IsSet) return 0;
        var (kind, leftMs) = store.Pause.At(store.Clock.NowMs);
        var isHeld = kind == PauseKind.All || (kind == PauseKind.Write && (flags & (CommandFlags.Write | CommandFlags.MayReplicate)) != 0);
        return isHeld ? leftMs : 0;
    }
}
