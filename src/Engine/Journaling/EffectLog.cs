using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Journaling;

/// <summary>
/// What the commands of one worker did and the journal does not know yet: the record under way. Does nothing while the store has no journal.
/// </summary>
/// <remarks>
/// A handler that is deterministic says nothing: its command is recorded as it came (Redis: verbatim). One that is not says what it did, by
/// <see cref="CommandContext.Effects"/>. Either way every effect is of one slot alone, since the follower of some slots may lack the others:
/// a command over several slots that says nothing is recorded as the keys that it changed, each whole.
/// <para>Under the locks of all slots that it has effects of, the record is appended to the journal by <see cref="Commit"/>: at the
/// end of a command, of EXEC, or when a walk lets a slot go.</para>
/// </remarks>
public sealed class EffectLog
{
    private readonly Worker _worker;
    private readonly EffectBuffer _buffer = new();
    private readonly List<Slot> _slots = [];
    private readonly List<(Slot Slot, int Database, byte[] Key)> _changed = [];
    private bool _isOfEverySlot;
    private bool _isDescribed;

    internal EffectLog(Worker worker) => _worker = worker;

    /// <summary>True where effects are recorded.</summary>
    public bool IsOn => _worker.Journal != null;

    /// <summary>Begins an effect of the command under way, in place of its own words.</summary>
    internal EffectBuffer Describe(Slot slot)
    {
        _isDescribed = true;
        return Of(slot);
    }

    /// <summary>A key has gone by itself: it expired or was evicted. To be called before it is removed, beside whatever command is under way.</summary>
    internal void Removed(Slot slot, int database, ReadOnlySpan<byte> key)
    {
        if (!IsOn) return;
        var buffer = Of(slot);
        buffer.Begin(slot.Number, database, 2);
        buffer.Argument("DEL"u8);
        buffer.Argument(key);
    }

    /// <summary>Notes a key that the command under way has changed, for a command over several slots.</summary>
    internal void NoteChanged(CommandContext context, Slot slot, int database, ReadOnlySpan<byte> key)
    {
        if (!IsOn || context.Single != null || context.Row.OnlyKeyAt > 0 || _isDescribed) return;
        _changed.Add((slot, database, key.ToArray()));
    }

    /// <summary>The command under way has ended: records it where it changed something and did not say what.</summary>
    internal void Complete(CommandContext context)
    {
        if (context.Changes > 0 && !_isDescribed && context.Row.IsWrite) Record(context);
        _isDescribed = false;
        _changed.Clear();
    }

    /// <summary>Appends the record, if there are effects. Under the locks of their slots.</summary>
    internal void Commit()
    {
        if (_buffer.IsEmpty) return;
        var lsn = _worker.Journal!.Append(_worker.NowMs, _buffer.Payload);
        _buffer.Clear();
        foreach (var slot in _slots) slot.LastLsn = lsn;
        _slots.Clear();
        if (_isOfEverySlot) MarkEverySlot(lsn);
        _worker.NoteWritten(lsn);
    }

    private void Record(CommandContext context)
    {
        if (context.Row.Scope == CommandScope.AllSlots)
        {
            _isOfEverySlot = true;
            Verbatim(context, EffectHeader.EverySlot);
        }
        else if (OnlySlotOf(context) is { } slot)
        {
            Of(slot);
            Verbatim(context, slot.Number);
        }
        else
        {
            foreach (var (changed, database, key) in _changed)
            {
                Of(changed);
                KeyRebuild.Write(_buffer, changed, database, key);
            }
        }
    }

    private void Verbatim(CommandContext context, int slotNumber)
    {
        var args = context.Args;
        _buffer.Begin(slotNumber, context.Database, args.Count);
        for (var i = 0; i < args.Count; i++) _buffer.Argument(args[i]);
    }

    // The slot of all keys that the command names; null where they are in several.
    private static Slot? OnlySlotOf(CommandContext context)
    {
        if (context.Single != null) return context.Single;
        Slot? only = null;
        foreach (var spec in context.Row.Keys)
        {
            var (first, last) = spec.Resolve(context.Args);
            for (var i = first; i <= last; i += spec.Step)
            {
                var slot = context.Store.SlotOf(context.Args[i]);
                if (only != null && only != slot) return null;
                only = slot;
            }
        }

        return only;
    }

    private EffectBuffer Of(Slot slot)
    {
        if (_slots.Count == 0 || _slots[^1] != slot) _slots.Add(slot);
        return _buffer;
    }

    private void MarkEverySlot(long lsn)
    {
        _isOfEverySlot = false;
        foreach (var slot in _worker.Store.Slots)
            if (slot.IsOwned) slot.LastLsn = lsn;
    }
}
