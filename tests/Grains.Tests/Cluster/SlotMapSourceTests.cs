using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>A silo's copy of the map.</summary>
public sealed class SlotMapSourceTests
{
    private readonly SlotMapSource _source = new(null!);

    [Fact]
    public void Accept_AnEarlierVersion_ChangesNothing()
    {
        var seen = new List<long>();
        _source.Changed += map => seen.Add(map.Version);

        foreach (var version in new[] { 2, 1, 2, 3 }) _source.Accept(Map(version, "x@1"));

        Assert.Equal([2, 3], seen);
        Assert.Equal(3, _source.Current.Version);
    }

    [Fact]
    public void Accept_AMap_HasItAppliedBeforeItIsSeen()
    {
        var seen = new List<(long Applied, long Current)>();
        _source.Applying = map => seen.Add((map.Version, _source.Current.Version));

        foreach (var version in new[] { 2, 1, 3 }) _source.Accept(Map(version, "x@1"));

        Assert.Equal([(2, 0), (3, 2)], seen);
    }

    [Fact]
    public void Accept_TheFirstMap_GivesTheSeedBeforeItIsApplied()
    {
        var happened = new List<string>();
        var seed = Guid.NewGuid();
        _source.Seeding = given => happened.Add(given == seed ? "seed" : "another seed");
        _source.Applying = map => happened.Add($"map {map.Version}");

        foreach (var version in new[] { 2, 3 }) _source.Accept(Map(version, "x@1") with { HashSeed = seed });

        Assert.Equal(["seed", "map 2", "map 3"], happened);
    }

    [Fact]
    public async Task Refresh_OfAVersionThatIsNotTheLatest_IsDoneAtOnce()
    {
        _source.Accept(Map(4, "x@1"));

        await _source.RefreshAsync(3);

        Assert.Equal(4, _source.Current.Version);
    }

    private static SlotMap Map(long version, string? owner, params string[] replicas) => new(
        version,
        owner == null ? [] : [MapTranscript.Member(owner) with { Replicas = replicas }],
        [new SlotRange(0, SlotHash.SlotCount - 1, owner, version)]);
}
