using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>Operators' orders to the map's grain, on one silo among others that are only names.</summary>
public sealed class SlotMapOperatorTests
{
    private const string Other = "10.0.0.2:11111@7";

    [Fact]
    public async Task Silo_ThatStartsAlone_OwnsAndSeesNothingUntilItIsTold()
    {
        await using var host = await SlotMapHost.StartAsync(options => options.StartsAlone = true);
        await JoinAloneAsync(host);
        Assert.Equal(host.Self, Assert.Single(host.Source.Current.SeenBy(host.Self).Members).Silo);
        Assert.All(host.Store.Slots.ToArray(), slot => Assert.Equal(SlotRole.Away, slot.Role));

        await host.Grain.AssignAsync(host.Self, [.. Enumerable.Range(0, 100)]);
        await host.Grain.AssignAsync(Other, [.. Enumerable.Range(100, 100)]);
        host.WaitFor(map => map.RangeOf(100).Owner == Other);
        Assert.Null(host.Source.Current.SeenBy(host.Self).RangeOf(100).Owner);

        await host.Grain.MeetAsync(host.Self, Other);

        host.WaitFor(map => map.SeenBy(host.Self).RangeOf(100).Owner == Other);
        Assert.Contains(host.Self, host.Source.Current.Find(Other)!.Replicas);
        Assert.True(SpinWait.SpinUntil(() => host.Store.Slots[99].Role == SlotRole.Primary, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Replica_OfASiloThatDies_HasItsSlotsAndItsPlace()
    {
        await using var host = await SlotMapHost.StartAsync(options => options.StartsAlone = true);
        var other = await JoinAloneAsync(host);
        await host.Grain.AssignAsync(Other, [1]);
        await host.Grain.MeetAsync(host.Self, Other);
        var map = await host.Grain.ReplicateAsync(host.Self, other.NodeId);
        await host.Grain.ReportInSyncAsync(Other, [new(host.Self, map.Version)], map.Version);

        host.Membership.Set(Other, SiloStatus.Dead);

        host.WaitFor(current => current.RangeOf(1).Owner == host.Self);
        Assert.Equal(host.Source.Current.Find(host.Self)!.NodeId, host.Source.Current.NodeOf(other.NodeId)!.Master);
    }

    [Fact]
    public async Task Reset_ThatMakesANewNode_IsWrittenToItsFile()
    {
        var directory = Directory.CreateTempSubdirectory("orleanskv-reset-");
        try
        {
            var file = Path.Combine(directory.FullName, "node");
            await using var host = await SlotMapHost.StartAsync(options => (options.StartsAlone, options.NodeIdFile) = (true, file));
            var before = host.Source.Current.Find(host.Self)!.NodeId;
            await host.Grain.AssignAsync(host.Self, [5]);

            await host.Grain.ResetAsync(host.Self, isNewNode: true);

            host.WaitFor(map => map.Find(host.Self)!.NodeId != before);
            Assert.Null(host.Source.Current.RangeOf(5).Owner);
            Assert.True(SpinWait.SpinUntil(() => NodeIdentity.Load(file) == host.Source.Current.Find(host.Self)!.NodeId, TimeSpan.FromSeconds(20)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<MapMember> JoinAloneAsync(SlotMapHost host)
    {
        host.Membership.Set(Other, SiloStatus.Active);
        var map = await host.Grain.JoinAsync(SlotMapHost.Member(Other) with { StartsAlone = true });
        return map.Find(Other)!;
    }
}
