using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// The lock of one slot, for a command that looks at keys which its row does not name. Takes nothing where the worker holds every lock,
/// within EXEC: such a command is of <see cref="Commands.CommandScope.EachSlot"/>.
/// </summary>
public readonly ref struct SlotGuard
{
    private readonly Slot? _held;

    public SlotGuard(Worker worker, Slot slot)
    {
        if (worker.HoldsAll) return;
        slot.Lock.Enter();
        _held = slot;
    }

    public void Dispose() => _held?.Lock.Exit();
}
