using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>Reports that would leave a primary alone, while its last replica can be reached and after.</summary>
public sealed class LastReplicaGuardTests
{
    private const string Self = "M@1";

    private static readonly MapMember Alone = MapTranscript.Member("A@1");
    private readonly List<(string Silo, Action Reached)> _pings = [];
    private readonly LastReplicaGuard _guard;

    public LastReplicaGuardTests() => _guard = new LastReplicaGuard(Self, (silo, reached) => _pings.Add((silo, reached)));

    [Fact]
    public void Allows_CopiesLeft_AtOnce() => Assert.True(_guard.Allows(MapOf("B@1", "C@1"), "A@1", [new SyncedCopy("B@1", 1)], 1000));

    [Fact]
    public void Allows_NoneInSyncBefore_AtOnce() => Assert.True(_guard.Allows(MapOf(), "A@1", [], 1000));

    [Fact]
    public void Allows_NoneInSyncForTheSlots_AtOnce()
    {
        var map = MapOf("B@1") with { Ranges = [new SlotRange(0, 16383, "A@1", 2)] };

        Assert.True(_guard.Allows(map, "A@1", [], 1000));
    }

    /// <summary>Another replica has not copied yet what is kept by who gave it.</summary>
    [Fact]
    public void Allows_OnlyTheKeeperHasTheSlots_NotAtOnce()
    {
        var map = MapOf("B@1") with { Ranges = [new SlotRange(0, 99, "A@1", 1), new SlotRange(100, 16383, "A@1", 2) { KeptBy = "C@1" }] };

        Assert.False(_guard.Allows(map, "A@1", [new SyncedCopy("B@1", 1)], 1000));
        Assert.True(_guard.Allows(map, "A@1", [new SyncedCopy("B@1", 1), new SyncedCopy("C@1", -1)], 1000));
        Assert.True(_guard.Allows(map, "A@1", [new SyncedCopy("B@1", 2)], 1000));
    }

    [Fact]
    public void Allows_AnotherSiloIsHeard_OnlyWhenMembershipHasHadItsTime()
    {
        for (var nowMs = 0L; nowMs < LastReplicaGuard.VerdictMs; nowMs += 250)
        {
            Assert.False(Ask(nowMs));
            Answer("C@1");
        }

        Assert.True(Ask(LastReplicaGuard.VerdictMs));
    }

    [Fact]
    public void Allows_NobodyIsHeard_Never()
    {
        for (var nowMs = 0L; nowMs < 10 * LastReplicaGuard.VerdictMs; nowMs += 250) Assert.False(Ask(nowMs));
        Assert.DoesNotContain(_pings, ping => ping.Silo is "A@1" or Self);
    }

    [Fact]
    public void Allows_SilosFellSilentMeanwhile_NotWithoutAnother()
    {
        Assert.False(Ask(0));
        Answer("C@1");
        for (var nowMs = 0L; nowMs <= LastReplicaGuard.VerdictMs; nowMs += 250) Assert.False(Ask(nowMs));
        Answer("B@1");
        Assert.True(Ask(LastReplicaGuard.VerdictMs + 250));
    }

    /// <summary>Its report reached the map, and so it is not cut off from everybody.</summary>
    [Fact]
    public void Allows_MapIsOnTheOnlyOtherSilo_AfterItsTime()
    {
        var guard = new LastReplicaGuard("B@1", (_, _) => Assert.Fail("There is nobody to ask."));
        var map = MapOf("B@1") with { Members = MapOf("B@1").Members[..2] };

        for (var nowMs = 0L; nowMs < LastReplicaGuard.VerdictMs; nowMs += 250) Assert.False(guard.Allows(map, "A@1", [], nowMs));
        Assert.True(guard.Allows(map, "A@1", [], LastReplicaGuard.VerdictMs));
    }

    /// <summary>It may be cut off from all others, and reaches itself nevertheless.</summary>
    [Fact]
    public void Allows_MapIsOnThePrimaryItself_NotUnheard()
    {
        var guard = new LastReplicaGuard("A@1", (_, _) => { });
        for (var nowMs = 0L; nowMs < 10 * LastReplicaGuard.VerdictMs; nowMs += 250) Assert.False(guard.Allows(MapOf("B@1"), "A@1", [], nowMs));
    }

    [Fact]
    public void Allows_AskedAgainMuchLater_BeginsAnew()
    {
        Assert.False(Ask(0));
        Assert.False(Ask(10_000));
    }

    private void Answer(string silo) => _pings.FindLast(ping => ping.Silo == silo).Reached();

    private bool Ask(long nowMs) => _guard.Allows(MapOf("B@1"), "A@1", [], nowMs);

    private static SlotMap MapOf(params string[] inSync) => SlotMap.Empty with
    {
        Members =
        [
            Alone with { Replicas = inSync, InSync = inSync, SyncedThrough = [.. inSync.Select(_ => 1L)] },
            MapTranscript.Member("B@1"), MapTranscript.Member("C@1"), MapTranscript.Member(Self),
        ],
        Ranges = [new SlotRange(0, 99, "A@1", 1), new SlotRange(100, 16383, "C@1", 1)],
    };
}
