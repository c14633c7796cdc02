using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// The lock of one slot, for a command that looks at keys which its row does not name. Takes nothing where the worker holds every lock,
/// within EXEC: such a command is of <see cref="Commands.CommandScope.EachSlot"/>.
/// </summary>
public readonly ref struct SlotGuard
{
    private readonly Worker _worker;
    private readonly Slot? _held;

    public SlotGuard(Worker worker, Slot slot)
    {
        _worker = worker;
        if (worker.HoldsAll) return;
        slot.Lock.Enter();
        _held = slot;
    }

    public void Dispose()
    {
        if (_held == null) return;
        _worker.Effects.Commit();
        _held.Lock.Exit();
    }
}
