using Orleans;

namespace OrleansKv.Contracts;

/// <summary>
/// The control plane: changes the slot map, one for the cluster, key 0. A second activation can do no harm, since every change is a
/// compare-and-set in grain storage. Every call but <see cref="GetAsync"/> gives the map after it; a caller whose report is void sees that in it.
/// Calls whose outcome is unknown may be made again.
/// </summary>
[Alias("OrleansKv.ISlotMapGrain")]
public partial interface ISlotMapGrain : IGrainWithIntegerKey
{
    /// <summary>The map where it is newer than <paramref name="knownVersion"/>; null where it is not.</summary>
    [Alias("Get")]
    Task<SlotMap?> GetAsync(long knownVersion);

    /// <summary>Makes a silo a member, and gives it slots where assignment is automatic. Asking again changes nothing.</summary>
    /// <exception cref="InvalidOperationException">The cluster does not know the silo, or another one that lives has its node id.</exception>
    [Alias("Join")]
    Task<SlotMap> JoinAsync(MapMember member);

    /// <summary>Has a silo hand over its slots and copies; when it has none, it is no member.</summary>
    [Alias("Leave")]
    Task<SlotMap> LeaveAsync(string silo);

    /// <summary>A primary says which of its replicas it waits for from now on. It has waited for new ones before it says so, and waits for those
    /// it no longer names until it has seen them gone from the map. This makes a new version even where nothing changes.</summary>
    /// <param name="primary">The silo that reports.</param>
    /// <param name="inSync">All that it waits for, each one of its replicas.</param>
    /// <param name="version">The version of the map that the report is about; if there is a later one by now, the report is void.</param>
    [Alias("ReportInSync")]
    Task<SlotMap> ReportInSyncAsync(string primary, SyncedCopy[] inSync, long version);

    /// <summary>The owner of slots has stopped serving them, so that the silo they move to, a replica that has everything in them, takes over.</summary>
    /// <param name="move">The slots; made by their owner, the move's From.</param>
    /// <param name="version">The version of the map that the move is about; if there is a later one by now, it is void.</param>
    [Alias("MoveDone")]
    Task<SlotMap> MoveDoneAsync(SlotMove move, long version);

    /// <summary>An operator gives a silo those of the slots that have no owner. What was in them is lost: it starts them empty.</summary>
    /// <param name="first">0 to 16383.</param>
    /// <param name="last">Inclusive.</param>
    /// <param name="silo">A member that does not leave.</param>
    [Alias("TakeOver")]
    Task<SlotMap> TakeOverAsync(int first, int last, string silo);

    /// <summary>A silo has learnt of a change in the cluster's membership: what died since is replaced when the call is over.</summary>
    /// <param name="membershipVersion">The version that the caller knows.</param>
    [Alias("MembershipChanged")]
    Task<SlotMap> MembershipChangedAsync(long membershipVersion);
}
