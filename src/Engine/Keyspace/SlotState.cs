using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Keyspace;

/// <summary>Changes of what a silo is to a slot, each under the slot's lock: when they return, no command is at work on the slot.</summary>
public static class SlotState
{
    private static readonly Action<Collection> FreeCollection = static collection => collection.Free();

    /// <summary>Sets role and epoch. A slot that begins to be served has no record in this silo's journal.</summary>
    public static void SetRole(this Slot slot, SlotRole role, long epoch)
    {
        slot.Lock.Enter();
        slot.Role = role;
        slot.Epoch = epoch;
        slot.IsHeldBack = false;
        if (role == SlotRole.Primary) slot.LastLsn = 0;
        slot.Lock.Exit();
    }

    /// <summary>Sets the role alone.</summary>
    public static void SetRole(this Slot slot, SlotRole role, bool isHeldBack = false)
    {
        slot.Lock.Enter();
        slot.Role = role;
        slot.IsHeldBack = isHeldBack;
        slot.Lock.Exit();
    }

    /// <summary>The slot is this silo's, and will be served.</summary>
    public static void HoldBack(this Slot slot) => slot.SetRole(slot.Role, isHeldBack: true);

    /// <summary>Removes all keys, which leaves no trace in the journal: the slot is another silo's. They are freed in the background.</summary>
    public static void Empty(this Slot slot, Store store)
    {
        List<SlotKeyspace>? detached = null;
        slot.Lock.Enter();
        try
        {
            if (slot.Role == SlotRole.Primary) throw new InvalidOperationException($"Slot {slot.Number} is served from here.");
            slot.Copies?.Restart();
            for (var database = 0; database < slot.DatabaseCount; database++)
                if (slot.TryGet(database) is { BucketCount: > 0 }) (detached ??= []).Add(slot.Detach(database));
        }
        finally
        {
            slot.Lock.Exit();
        }

        if (detached != null)
            store.LazyFree.Enqueue(detached.Sum(keyspace => keyspace.Count), () => detached.ForEach(keyspace => keyspace.Clear(FreeCollection)));
    }
}
