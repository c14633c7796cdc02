using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Orleans.Runtime;

namespace OrleansKv.Grains.Tests.Replication;

/// <summary>The membership that silos of this process have, but for those that a test declares dead: they run on, and learn of it from the map.</summary>
internal sealed class DeathNotices
{
    private readonly Lock _gate = new();
    private readonly List<Channel<bool>> _readers = [];
    private ImmutableHashSet<SiloAddress> _dead = [];

    public void Declare(string silo)
    {
        lock (_gate)
        {
            _dead = _dead.Add(SiloAddress.FromParsableString(silo));
            foreach (var reader in _readers) reader.Writer.TryWrite(true);
        }
    }

    public IClusterMembershipService Around(IClusterMembershipService membership) => new Service(this, membership);

    private ClusterMembershipSnapshot Correct(ClusterMembershipSnapshot snapshot)
    {
        var members = snapshot.Members;
        foreach (var silo in _dead)
            if (members.TryGetValue(silo, out var member)) members = members.SetItem(silo, new(silo, SiloStatus.Dead, member.Name));
        return new(members, snapshot.Version);
    }

    private sealed class Service(DeathNotices notices, IClusterMembershipService membership) : IClusterMembershipService
    {
        public ClusterMembershipSnapshot CurrentSnapshot => notices.Correct(membership.CurrentSnapshot);

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) =>
            membership.Refresh(minimumVersion, cancellationToken);

        public Task<bool> TryKill(SiloAddress siloAddress) => membership.TryKill(siloAddress);

        private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var changes = Channel.CreateUnbounded<bool>();
            lock (notices._gate) notices._readers.Add(changes);
            _ = ForwardAsync(changes.Writer, cancellationToken);
            await foreach (var _ in changes.Reader.ReadAllAsync(cancellationToken)) yield return CurrentSnapshot;
        }

        private async Task ForwardAsync(ChannelWriter<bool> changes, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var _ in membership.MembershipUpdates.WithCancellation(cancellationToken)) changes.TryWrite(true);
            }
            catch (OperationCanceledException)
            {
                // The reader has gone.
            }
        }
    }
}
