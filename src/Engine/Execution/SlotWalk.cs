using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// Walks the owned slots that hold keys of a database, in order, each under its lock while it is the current one: for commands of
/// <see cref="Commands.CommandScope.EachSlot"/>.
/// </summary>
/// <remarks>Takes no lock where the worker holds all of them, within EXEC. Whether a slot is empty is first seen without its lock: what
/// others add or remove meanwhile may be seen or not, as with any walk.</remarks>
public ref struct SlotWalk
{
    private readonly Worker _worker;
    private readonly int _database;
    private readonly bool _endsAtForeignSlot;
    private int _next;
    private bool _isLocked;

    /// <summary>Walks from slot <paramref name="first"/> on, through all owned slots or up to the first one that is not.</summary>
    public SlotWalk(Worker worker, int database, int first = 0, bool endsAtForeignSlot = false)
    {
        _endsAtForeignSlot = endsAtForeignSlot;
        EndedAt = -1;
        _worker = worker;
        _database = database;
        _next = first;
    }

    /// <summary>The slot, whose lock is held.</summary>
    public Slot Current { get; private set; } = null!;

    /// <summary>The slot of another silo at which the walk ended; -1 while there is none.</summary>
    public int EndedAt { get; private set; }

    public readonly SlotWalk GetEnumerator() => this;

    public bool MoveNext()
    {
        Dispose();
        var slots = _worker.Store.Slots;
        while (_next < slots.Length)
        {
            var slot = slots[_next++];

            // One that has become another's is emptied after that: who finds it empty, and then owned, has missed no key.
            var isEmpty = slot.CountKeys(_database) == 0;
            if (!slot.IsOwned && _endsAtForeignSlot) return EndAt(slot);
            if (isEmpty || !slot.IsOwned) continue;
            Current = slot;
            if (_worker.HoldsAll) return true;
            slot.Lock.Enter();
            _isLocked = true;
            if (slot.IsOwned) return true;
            Dispose();
            if (_endsAtForeignSlot) return EndAt(slot);
        }

        return false;
    }

    private bool EndAt(Slot slot)
    {
        EndedAt = slot.Number;
        return false;
    }

    /// <summary>Lets the current slot go.</summary>
    public void Dispose()
    {
        if (!_isLocked) return;
        _worker.Effects.Commit();
        Current.Lock.Exit();
        _isLocked = false;
    }
}
