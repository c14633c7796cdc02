using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>Reports that would leave a primary alone, while its last replica can be reached and after.</summary>
public sealed class LastReplicaGuardTests
{
    private static readonly MapMember Alone = MapTranscript.Member("A@1");
    private readonly List<(string Silo, Action Reached)> _pings = [];
    private readonly LastReplicaGuard _guard;

    public LastReplicaGuardTests() => _guard = new LastReplicaGuard((silo, reached) => _pings.Add((silo, reached)));

    [Fact]
    public void Allows_CopiesLeft_AtOnce() => Assert.True(_guard.Allows(MapOf("B@1", "C@1"), "A@1", [new SyncedCopy("B@1", 1)], 1000));

    [Fact]
    public void Allows_NoneInSyncBefore_AtOnce() => Assert.True(_guard.Allows(MapOf(), "A@1", [], 1000));

    [Fact]
    public void Allows_ReplicaGivesNoSign_AfterItsTime()
    {
        Assert.False(Ask(0));
        Assert.False(Ask(LastReplicaGuard.AnswerMs - 1));
        Assert.True(Ask(LastReplicaGuard.AnswerMs));
        Assert.Equal("B@1", Assert.Single(_pings).Silo);
    }

    [Fact]
    public void Allows_ReplicaIsThere_OnlyWhenMembershipHasHadItsTime()
    {
        for (var nowMs = 0L; nowMs < LastReplicaGuard.VerdictMs; nowMs += 250)
        {
            Assert.False(Ask(nowMs));
            _pings[^1].Reached();
        }

        Assert.True(Ask(LastReplicaGuard.VerdictMs));
    }

    [Fact]
    public void Allows_ReplicaVanishesMeanwhile_AfterTheNextSignIsMissing()
    {
        Assert.False(Ask(0));
        _pings[^1].Reached();
        Assert.False(Ask(250));
        Assert.True(Ask(500));
    }

    [Fact]
    public void Allows_AskedAgainMuchLater_BeginsAnew()
    {
        Assert.False(Ask(0));
        Assert.False(Ask(10_000));
    }

    private bool Ask(long nowMs) => _guard.Allows(MapOf("B@1"), "A@1", [], nowMs);

    private static SlotMap MapOf(params string[] inSync) => SlotMap.Empty with
    {
        Members = [Alone with { Replicas = inSync, InSync = inSync, SyncedThrough = [.. inSync.Select(_ => 1L)] }],
    };
}
