using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;
using OrleansKv.Grains.Storage;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>The map in grain storage.</summary>
public sealed class SlotMapStateTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Map_WrittenToAFile_IsReadAsItWas()
    {
        var storage = new FileGrainStorage("test", _directory.Path);
        var rules = new MapRules { InitialSilos = 2 };
        var map = SlotMap.Empty with { HashSeed = Guid.NewGuid() };
        foreach (var silo in new[] { "a@1", "b@1" }) map = SlotMapPlanner.Apply(map, new MapEvent.Joined(MapTranscript.Member(silo, "zone")), rules);
        map = SlotMapPlanner.Apply(map, new MapEvent.Reported("a@1", [new("b@1", map.Version)], map.Version), rules);
        map = SlotMapPlanner.Apply(map, new MapEvent.Leaving("b@1"), rules);
        var grain = GrainId.Create("slotmap", "0");
        await storage.WriteStateAsync("slotmap", grain, new GrainState<SlotMapState>(new SlotMapState { Map = map }));

        var read = new GrainState<SlotMapState>(new SlotMapState());
        await storage.ReadStateAsync("slotmap", grain, read);

        Assert.Equivalent(map, read.State!.Map, strict: true);
    }
}
