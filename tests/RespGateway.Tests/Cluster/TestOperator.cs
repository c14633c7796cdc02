using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Changes the map of a <see cref="TestCluster"/> as the slot map's grain does; slots move when the test says so.</summary>
internal sealed class TestOperator(TestCluster cluster) : ISlotMapGrain
{
    private readonly Lock _gate = new();

    /// <summary>Thrown by the next order instead of carrying it out.</summary>
    public Exception? Failure { get; set; }

    public Task<SlotMap?> GetAsync(long knownVersion) => throw new NotSupportedException();

    public Task<SlotMap> JoinAsync(MapMember member) => ApplyAsync(new MapEvent.Joined(member));

    public Task<SlotMap> LeaveAsync(string silo) => throw new NotSupportedException();

    public Task<SlotMap> ReportInSyncAsync(string primary, SyncedCopy[] inSync, long version) => throw new NotSupportedException();

    public Task<SlotMap> MoveDoneAsync(SlotMove move, long version) => throw new NotSupportedException();

    public Task<SlotMap> TakeOverAsync(int first, int last, string silo) => ApplyAsync(new MapEvent.TakenOver(first, last, silo));

    public Task<SlotMap> MembershipChangedAsync(long membershipVersion) => throw new NotSupportedException();

    public Task<SlotMap> MeetAsync(string silo, string other) => ApplyAsync(new MapEvent.Met(silo, other));

    public Task<SlotMap> ForgetAsync(string nodeId) => ApplyAsync(new MapEvent.Forgotten(nodeId));

    public Task<SlotMap> ResetAsync(string silo, bool isNewNode) => ApplyAsync(new MapEvent.Reset(silo, isNewNode ? new string('f', 40) : null));

    public Task<SlotMap> AssignAsync(string silo, int[] slots) => ApplyAsync(new MapEvent.Assigned(silo, slots));

    public Task<SlotMap> ReleaseAsync(string silo, int[] slots) => ApplyAsync(new MapEvent.Released(silo, slots));

    public Task<SlotMap> MoveSlotsAsync(SlotMove move) => ApplyAsync(new MapEvent.Wished(move));

    public Task<SlotMap> KeepSlotAsync(int slot) => ApplyAsync(new MapEvent.Kept(slot));

    public Task<SlotMap> ReplicateAsync(string silo, string masterNodeId) => ApplyAsync(new MapEvent.Pinned(silo, masterNodeId));

    public Task<SlotMap> FailOverAsync(string silo) => ApplyAsync(new MapEvent.FailedOver(silo));

    /// <summary>What is wanted is done: copies are complete, and slots change their owner.</summary>
    public void MoveAll()
    {
        for (var isBusy = true; isBusy;)
        {
            isBusy = false;
            foreach (var member in cluster.Map.Current.Members.Where(member => member.InSync.Length < member.Replicas.Length || member.Replicas.Length > 0))
            {
                var newest = cluster.Map.Current.RangesOf(member.Silo).Select(range => range.Epoch).DefaultIfEmpty().Max();
                if (Array.TrueForAll(member.Replicas, replica => member.HoldsCopy(replica, newest))) continue;
                Apply(new MapEvent.Reported(member.Silo, [.. member.Replicas.Select(copy => new SyncedCopy(copy, newest))], cluster.Map.Current.Version));
                isBusy = true;
                break;
            }

            if (isBusy || MovePlan.Next(cluster.Map.Current) is not [var move, ..]) continue;
            Apply(new MapEvent.Moved(move, cluster.Map.Current.Version));
            isBusy = true;
        }
    }

    public SlotMap Apply(MapEvent happened)
    {
        lock (_gate)
        {
            var map = cluster.Map.Current;
            var next = SlotMapPlanner.Apply(map, happened, new MapRules { Replicas = 0, InitialSilos = 1 });
            if (next == map) return map;
            foreach (var range in next.Ranges)
            {
                for (var slot = range.First; slot <= range.Last; slot++)
                    foreach (var silo in cluster.Silos) silo.SetRole(slot, range.Owner == silo.Name ? SlotRole.Primary : RoleOfOther(next, range, silo.Name));
            }

            cluster.Map.Set(next);
            return next;
        }
    }

    private static SlotRole RoleOfOther(SlotMap map, SlotRange range, string silo) =>
        range.Owner != null && map.Find(range.Owner)!.Replicas.Contains(silo) ? SlotRole.Replica : SlotRole.Away;

    private Task<SlotMap> ApplyAsync(MapEvent order) => Failure is { } failure ? Task.FromException<SlotMap>(failure) : Task.FromResult(Apply(order));
}
