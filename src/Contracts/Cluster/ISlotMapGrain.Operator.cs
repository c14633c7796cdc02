using Orleans;

namespace OrleansKv.Contracts;

/// <summary>What an operator has done with the map. An order that cannot be carried out changes nothing: the map that comes back tells.</summary>
public partial interface ISlotMapGrain
{
    /// <summary>Makes the circles of two members one.</summary>
    [Alias("Meet")]
    Task<SlotMap> MeetAsync(string silo, string other);

    /// <summary>Puts a node that owns no slots into a circle of its own; if it is no member, nothing is known of it from now on.</summary>
    [Alias("Forget")]
    Task<SlotMap> ForgetAsync(string nodeId);

    /// <summary>Takes a silo's slots from it, which has no keys in them, and puts it into a circle of its own, replicating nobody.</summary>
    /// <param name="silo">Who asks.</param>
    /// <param name="isNewNode">Whether it has another node id afterwards.</param>
    [Alias("Reset")]
    Task<SlotMap> ResetAsync(string silo, bool isNewNode);

    /// <summary>Gives a silo slots, none of which has an owner.</summary>
    [Alias("Assign")]
    Task<SlotMap> AssignAsync(string silo, int[] slots);

    /// <summary>Takes slots from a silo, which owns all of them and asks for it.</summary>
    [Alias("Release")]
    Task<SlotMap> ReleaseAsync(string silo, int[] slots);

    /// <summary>Has the owner of slots move them to another silo of its circle, as soon as that has a copy.</summary>
    [Alias("MoveSlots")]
    Task<SlotMap> MoveSlotsAsync(SlotMove move);

    /// <summary>Takes back the wish to move a slot.</summary>
    [Alias("KeepSlot")]
    Task<SlotMap> KeepSlotAsync(int slot);

    /// <summary>Makes a silo without slots the replica of a node of its circle.</summary>
    [Alias("Replicate")]
    Task<SlotMap> ReplicateAsync(string silo, string masterNodeId);

    /// <summary>Has all slots of the node that a silo replicates move to that silo, as soon as it has a copy.</summary>
    [Alias("FailOver")]
    Task<SlotMap> FailOverAsync(string silo);
}
