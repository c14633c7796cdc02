using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>What the log says of slots whose content is gone.</summary>
public sealed class SlotLossesTests
{
    private static readonly MapRules _rules = new() { InitialSilos = 2 };

    [Fact]
    public void Death_WithACopyElsewhere_LosesNothing()
    {
        var before = Synced();
        var after = Apply(before, new MapEvent.Died("a@1"));

        Assert.Empty(SlotLosses.Lost(before, after));
        Assert.Empty(SlotLosses.GivenEmpty(before, after));
    }

    [Fact]
    public void Death_OfTheOnlyCopy_LosesWhatItOwned_AndItsNodesNextProcessBeginsEmpty()
    {
        var before = Joined();
        var dead = Apply(before, new MapEvent.Died("a@1"));
        var again = Apply(dead, new MapEvent.Joined(MapTranscript.Member("a@2")));
        var slots = SlotsOf(before, "a@1");

        Assert.Equal([new SlotLoss(slots, "a@1", MapTranscript.NodeId("a"))], SlotLosses.Lost(before, dead));
        Assert.Empty(SlotLosses.GivenEmpty(before, dead));
        Assert.Equal([new SlotLoss(slots, "a@2", MapTranscript.NodeId("a"))], SlotLosses.GivenEmpty(dead, again));
        Assert.Empty(SlotLosses.Lost(dead, again));
    }

    [Fact]
    public void Join_OfTheNextProcessBeforeTheDeathWasKnown_IsBothAtOnce()
    {
        var before = Joined();
        var after = Apply(before, new MapEvent.Joined(MapTranscript.Member("a@2")));
        var slots = SlotsOf(before, "a@1");

        Assert.Equal([new SlotLoss(slots, "a@1", MapTranscript.NodeId("a"))], SlotLosses.Lost(before, after));
        Assert.Equal([new SlotLoss(slots, "a@2", MapTranscript.NodeId("a"))], SlotLosses.GivenEmpty(before, after));
    }

    [Fact]
    public void TakeOver_OfLostSlots_IsEmpty()
    {
        var before = Apply(Joined(), new MapEvent.Died("a@1"));
        var after = Apply(before, new MapEvent.TakenOver(0, SlotHash.SlotCount - 1, "b@1"));

        Assert.Equal([new SlotLoss(SlotsOf(Joined(), "a@1"), "b@1", MapTranscript.NodeId("b"))], SlotLosses.GivenEmpty(before, after));
    }

    [Fact]
    public void Deaths_OfAll_AreOneLossEach_AndNeverAssignedSlotsNone()
    {
        var before = Synced();
        var after = Apply(before, new MapEvent.Died("a@1", "b@1"));

        Assert.Equal(["a@1", "b@1"], SlotLosses.Lost(before, after).Select(loss => loss.Silo).Order());
        Assert.Empty(SlotLosses.GivenEmpty(SlotMap.Empty, Joined()));
    }

    [Fact]
    public void Release_ByAnOperator_IsNoLoss()
    {
        var before = Synced();
        var slot = before.RangesOf("a@1").First().First;
        var released = Apply(before, new MapEvent.Released("a@1", [slot]));

        Assert.Null(released.RangeOf(slot).Owner);
        Assert.Empty(SlotLosses.Lost(before, released));
        Assert.Empty(SlotLosses.GivenEmpty(released, Apply(released, new MapEvent.Assigned("b@1", [slot]))));
    }

    [Fact]
    public void RandomSteps_SlotsThatBeginEmpty_AreToldOf()
    {
        var random = new Random(5);
        for (var run = 0; run < 20; run++)
        {
            var model = new MapModel(random);
            model.BegunEmpty += (before, slot) => Assert.Contains(
                SlotLosses.GivenEmpty(before, model.Map), loss => loss.Silo == model.Map.RangeOf(slot).Owner && Holds(loss.Slots, slot));
            for (var step = 0; step < 100; step++) model.Step();
        }
    }

    private static bool Holds(string slots, int slot) =>
        slots.Split(' ').Select(range => Array.ConvertAll(range.Split('-'), int.Parse)).Any(range => range[0] <= slot && slot <= range[^1]);

    private static SlotMap Joined() =>
        Apply(Apply(SlotMap.Empty, new MapEvent.Joined(MapTranscript.Member("a@1"))), new MapEvent.Joined(MapTranscript.Member("b@1")));

    private static SlotMap Synced()
    {
        var map = Joined();
        map = Apply(map, new MapEvent.Reported("a@1", [new("b@1", map.Version)], map.Version));
        return Apply(map, new MapEvent.Reported("b@1", [new("a@1", map.Version)], map.Version));
    }

    private static SlotMap Apply(SlotMap map, MapEvent happened) => SlotMapPlanner.Apply(map, happened, _rules);

    private static string SlotsOf(SlotMap map, string silo)
    {
        var ranges = map.RangesOf(silo).ToArray();
        return $"{ranges[0].First}-{ranges[^1].Last}";
    }
}
