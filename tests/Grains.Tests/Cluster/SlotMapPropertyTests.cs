using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>What holds of the planner whatever happens; a failure prints its seed. Its own invariants are checked along the way.</summary>
public sealed class SlotMapPropertyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 15)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Slots_ThatPassOn_HoldAllThatWasAcknowledged(int seed)
    {
        var cluster = new MapModel(new Random(seed));

        for (var step = 0; step < 120; step++) cluster.Step();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Slots_ThatPassOnAmongOrders_HoldAllThatWasAcknowledged(int seed)
    {
        var cluster = new MapModel(new Random(seed), hasOrders: true);

        for (var step = 0; step < 120; step++) cluster.Step();
        cluster.Settle();

        Assert.Empty(MovePlan.Next(cluster.Map));
        Assert.DoesNotContain(MovePlan.Of(cluster.Map), move => cluster.Map.CircleOf(cluster.Map.Find(move.From)!).Length > 0
            && cluster.Map.CircleOf(cluster.Map.Find(move.From)!) != cluster.Map.CircleOf(cluster.Map.Find(move.To)!));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Map_ThatSettles_IsBalanced(int seed)
    {
        var random = new Random(seed);
        var cluster = new MapModel(random, hasZones: false);
        for (var step = random.Next(100); step >= 0; step--) cluster.Step();
        cluster.Apply(new MapEvent.Joined(MapTranscript.Member("Z@1")));

        cluster.Settle();

        var map = cluster.Map;
        var counts = map.Members.Select(member => map.RangesOf(member.Silo).Sum(range => range.Count)).ToArray();
        var loads = map.Members.Select(member => map.Members.Count(primary => primary.Replicas.Contains(member.Silo))).ToArray();
        Assert.All(map.Members, member => Assert.Equal(MemberState.Active, member.State));
        Assert.All(map.Members, member => Assert.Equal(Math.Min(cluster.Rules.Replicas, map.Members.Length - 1), member.Replicas.Length));
        Assert.True(counts.Max() - counts.Min() <= 1, $"slots: {string.Join(' ', counts)}");
        Assert.True(loads.Max() - loads.Min() <= 1, $"copies: {string.Join(' ', loads)}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Moves_InAnyOrder_AreTheOnesPlannedAndNoMore(int seed)
    {
        var random = new Random(seed);
        var cluster = new MapModel(random, hasZones: false);
        var silos = random.Next(cluster.Rules.InitialSilos, 9);
        for (var silo = 0; silo < silos; silo++) cluster.Apply(Join((char)('A' + silo)));
        if (random.Next(2) == 0) cluster.Apply(new MapEvent.Leaving("A@1"));
        var planned = MovePlan.Of(cluster.Map).ToHashSet();
        var done = 0;
        cluster.Moving += move =>
        {
            Assert.Contains(move, planned);
            done++;
        };

        cluster.Settle();

        Assert.Equal(planned.Count, done);
    }

    private static MapEvent.Joined Join(char name) => new(MapTranscript.Member($"{name}@1"));
}
