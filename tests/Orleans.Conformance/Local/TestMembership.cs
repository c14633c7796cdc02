using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>A membership that tests change by hand: what silos of one cluster in this process see, all of them at once.</summary>
public sealed class TestMembership
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterMembershipSnapshot Snapshot { get; private set; } = new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new(0));

    public void Set(SiloAddress silo, SiloStatus status)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            Snapshot = new(Snapshot.Members.SetItem(silo, new(silo, status, silo.ToString())), new(Snapshot.Version.Value + 1));
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    public IClusterMembershipService ServiceOf(ILocalSiloDetails silo) => new Service(this, silo);

    public Task ChangeAfter(ClusterMembershipSnapshot seen)
    {
        lock (_gate)
            return ReferenceEquals(Snapshot, seen) ? _changed.Task : Task.CompletedTask;
    }

    /// <summary>Joins and leaves with the stages of its silo.</summary>
    private sealed class Service(TestMembership table, ILocalSiloDetails silo) : IClusterMembershipService, ILifecycleParticipant<ISiloLifecycle>
    {
        public ClusterMembershipSnapshot CurrentSnapshot => table.Snapshot;

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

        public Task<bool> TryKill(SiloAddress siloAddress)
        {
            table.Set(siloAddress, SiloStatus.Dead);
            return Task.FromResult(true);
        }

        public void Participate(ISiloLifecycle lifecycle)
        {
            lifecycle.Subscribe("join", ServiceLifecycleStage.RuntimeGrainServices, _ => Set(SiloStatus.Active), _ => Set(SiloStatus.Dead));
            lifecycle.Subscribe(
                "leave", ServiceLifecycleStage.Active, _ => Task.CompletedTask, _ => Set(SiloStatus.ShuttingDown));
        }

        private Task Set(SiloStatus status)
        {
            if (table.Snapshot.GetSiloStatus(silo.SiloAddress) != SiloStatus.Dead)
                table.Set(silo.SiloAddress, status);
            return Task.CompletedTask;
        }

        private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var snapshot = table.Snapshot;
                yield return snapshot;
                await table.ChangeAfter(snapshot).WaitAsync(cancellationToken);
            }
        }
    }
}
