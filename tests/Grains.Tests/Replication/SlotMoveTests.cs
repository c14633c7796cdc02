using OrleansKv.Contracts;

namespace OrleansKv.Grains.Tests.Replication;

/// <summary>Slots that change their owner by plan.</summary>
public sealed class SlotMoveTests
{
    [Fact]
    public async Task Silo_ThatJoins_GetsItsShareWithWhatIsInIt()
    {
        await using var cluster = new ReplicatedCluster(1);
        var first = await cluster.AddAsync();
        cluster.WaitFor(() => first.Store.Slots[0].IsOwned);
        foreach (var key in first.Keys("k", 500)) await first.RunAsync(["SET", key, key]);
        var all = first.DigestOf(Enumerable.Range(0, SlotHash.SlotCount));

        var second = await cluster.AddAsync();
        cluster.WaitFor(cluster.IsBalanced);

        Assert.Equal(SlotHash.SlotCount / 2, second.OwnSlots.Count);
        Assert.Equal(all, first.DigestOf(Enumerable.Range(0, SlotHash.SlotCount)));
        Assert.Equal(all, second.DigestOf(Enumerable.Range(0, SlotHash.SlotCount)));
    }

    [Fact]
    public async Task Silo_ThatStops_HandsEverythingOverAndIsNotMissed()
    {
        await using var cluster = await ReplicatedCluster.StartAsync(2);
        var (leaver, heir) = (cluster.Nodes[0], cluster.Nodes[1]);
        foreach (var key in leaver.Keys("k", 300)) await leaver.RunAsync(["SET", key, key]);
        var slots = leaver.OwnSlots;
        var content = leaver.DigestOf(slots);

        cluster.Nodes.Remove(leaver);
        await leaver.Host.StopAsync();

        Assert.Null(leaver.Map.Find(leaver.Self));
        cluster.WaitFor(() => heir.Map.Find(leaver.Self) == null && heir.OwnSlots.Count == SlotHash.SlotCount);
        Assert.Equal(content, heir.DigestOf(slots));
        leaver.Host.Dispose();
    }
}
