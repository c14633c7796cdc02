// Stands for Orleans.Runtime.IClusterMembershipService in a silo without a membership table: it is the whole cluster.
using System.Collections.Immutable;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed class AloneMembership : IClusterMembershipService
{
    public AloneMembership(ILocalSiloDetails silo)
    {
        var self = new ClusterMember(silo.SiloAddress, SiloStatus.Active, silo.Name);
        CurrentSnapshot = new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(self.SiloAddress, self), new(1));
    }

    public ClusterMembershipSnapshot CurrentSnapshot { get; }

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

    public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);

    /// <summary>The one snapshot, and then nothing for as long as the reader waits.</summary>
    private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return CurrentSnapshot;
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }
}
