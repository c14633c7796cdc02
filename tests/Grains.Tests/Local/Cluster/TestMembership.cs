using System.Collections.Immutable;
using System.Threading.Channels;
using Orleans.Runtime;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>A membership that the test decides: the silo itself, and others that are only names.</summary>
internal sealed class TestMembership(ILocalSiloDetails silo) : IClusterMembershipService
{
    private readonly Channel<ClusterMembershipSnapshot> _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();

    public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = new(
        ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(silo.SiloAddress, new(silo.SiloAddress, SiloStatus.Active, "self")), new(1));

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _updates.Reader.ReadAllAsync();

    /// <summary>Changes the status of a silo; the members of the cluster learn of it unless the change is silent.</summary>
    public void Set(string name, SiloStatus status, bool isSilent = false)
    {
        var address = SiloAddress.FromParsableString(name);
        CurrentSnapshot = new(
            CurrentSnapshot.Members.SetItem(address, new(address, status, name)), new(CurrentSnapshot.Version.Value + 1));
        if (!isSilent) _updates.Writer.TryWrite(CurrentSnapshot);
    }

    /// <summary>The cluster has never heard of the silo, or does not remember it.</summary>
    public void Forget(string name) => CurrentSnapshot = new(
        CurrentSnapshot.Members.Remove(SiloAddress.FromParsableString(name)), new(CurrentSnapshot.Version.Value + 1));

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

    public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);
}
