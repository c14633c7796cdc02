using Orleans;

namespace OrleansKv.Contracts;

/// <summary>The control plane: changes the slot map, one for the cluster, key 0. A second activation can do no harm, since every change is a
/// compare-and-set in grain storage.</summary>
[Alias("OrleansKv.ISlotMapGrain")]
public interface ISlotMapGrain : IGrainWithIntegerKey
{
    /// <summary>The map where it is newer than <paramref name="knownVersion"/>; null where it is not.</summary>
    [Alias("Get")]
    Task<SlotMap?> GetAsync(long knownVersion);

    /// <summary>Makes a silo a member, and gives it slots where assignment is automatic. Asking again changes nothing.</summary>
    [Alias("Join")]
    Task<SlotMap> JoinAsync(MapMember member);
}
