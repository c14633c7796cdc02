using System.Collections.Immutable;
using Orleans.Runtime;

namespace OrleansKv.Grains.Cluster;

/// <summary>The membership of a cluster of one silo, for a runtime that has clusters of no other kind and so no membership.</summary>
internal sealed class LoneMembership(ILocalSiloDetails silo) : IClusterMembershipService
{
    public ClusterMembershipSnapshot CurrentSnapshot { get; } = new(
        ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(silo.SiloAddress, new(silo.SiloAddress, SiloStatus.Active, silo.Name)),
        new MembershipVersion(1));

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => new[] { CurrentSnapshot }.ToAsyncEnumerable();

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

    public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);
}
