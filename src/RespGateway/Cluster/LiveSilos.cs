using Orleans.Runtime;
using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// The silos that may have gateways: those that the cluster's membership knows to be alive, some of which own no slots, and the members of the
/// slot map, of which this silo's view of the membership may not know yet. Not those that this one has not met. Any thread.
/// </summary>
internal sealed class LiveSilos(IClusterMembershipService membership, ISlotMapSource map, string self)
{
    private volatile Known? _known;

    /// <summary>Their names, as the slot map has them.</summary>
    public IReadOnlyCollection<string> Get()
    {
        var snapshot = membership.CurrentSnapshot;
        var current = map.Current;
        if (_known is { } known && ReferenceEquals(known.Snapshot, snapshot) && ReferenceEquals(known.Map, current)) return known.Silos;
        var silos = new HashSet<string>(current.Members.Select(member => member.Silo));
        foreach (var member in snapshot.Members.Values)
            if (member.Status == SiloStatus.Active) silos.Add(member.SiloAddress.ToParsableString());
        silos.ExceptWith(current.Members.Except(current.SeenBy(self).Members).Select(stranger => stranger.Silo));
        _known = new Known(snapshot, current, silos);
        return silos;
    }

    private sealed record Known(ClusterMembershipSnapshot Snapshot, SlotMap Map, HashSet<string> Silos);
}
