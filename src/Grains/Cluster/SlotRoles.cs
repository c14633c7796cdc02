using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Grains.Cluster;

/// <summary>What the slot map says of this silo, in the slots of its store: role and epoch of each.</summary>
public sealed class SlotRoles(Store store, ILocalSiloDetails silo)
{
    private readonly string _self = silo.SiloAddress.ToParsableString();

    /// <summary>Sets roles and epochs, each slot under its own lock. Not from two threads at once.</summary>
    public void Apply(SlotMap map)
    {
        foreach (var range in map.Ranges)
        {
            var role = RoleOf(map, range);
            foreach (var slot in store.Slots[range.First..(range.Last + 1)])
            {
                if (slot.Role != role || slot.Epoch != range.Epoch) Set(slot, role, range.Epoch);
            }
        }
    }

    private SlotRole RoleOf(SlotMap map, SlotRange range)
    {
        if (range.Owner == _self) return SlotRole.Primary;
        return range.Owner != null && map.Find(range.Owner)?.Replicas.Contains(_self) == true ? SlotRole.Replica : SlotRole.Away;
    }

    private static void Set(Slot slot, SlotRole role, long epoch)
    {
        slot.Lock.Enter();
        try
        {
            slot.Role = role;
            slot.Epoch = epoch;
        }
        finally
        {
            slot.Lock.Exit();
        }
    }
}
