using System.Net;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>How a silo enters and leaves a cluster, and what it tells of it. In simulated time.</summary>
public sealed class MembershipAgentTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<int> Seeds => SimulationSeeds.Take(10);

    [Theory, MemberData(nameof(Seeds))]
    public void Silos_StartingTogether_AllBecomeActiveInSeconds(int seed)
    {
        var cluster = new SimulatedCluster(seed) { Table = { LostReply = seed % 2 * 0.1 } };

        SimulatedSilo[] silos = cluster.StartTogether(8);

        cluster.Expect("all starts end well", 2 * Second, () => silos.All(silo => silo.Started.IsCompletedSuccessfully));
        Assert.True(cluster.Simulation.Now < 6 * Second, $"took {cluster.Simulation.Now}");
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Silo_StartedAgainAtTheSameEndpoint_DeclaresItsOlderIncarnationDead(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3);
        silos[0].Process.Kill();

        SimulatedSilo next = cluster.Add(silos[0].Address.Endpoint.Port, generation: 2);
        next.Start();

        cluster.Expect("the older is dead", Second / 5, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.Dead)));
        cluster.Expect("the next is active", Second, () => silos[1..].All(silo => silo.Sees(next, SiloStatus.Active)));
    }

    [Fact]
    public void Silo_OfAnEarlierGeneration_DoesNotJoin()
    {
        var cluster = new SimulatedCluster(1);
        cluster.StartTogether(2);

        SimulatedSilo late = cluster.Add(port: 1, generation: 0);
        late.Start();
        cluster.Expect("its start ends", Second, () => late.Started.IsCompleted);

        Assert.IsType<OrleansException>(late.Started.Exception?.InnerException);
        Assert.Null(cluster.Table.StatusOf(late.Address));
    }

    [Fact]
    public void Silo_ThatDoesNotReachAnActiveOne_DoesNotBecomeActiveUntilItDoes()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(2);
        SimulatedSilo next = cluster.Add(port: 3);
        cluster.Cut(next, silos[0]);

        next.Start();
        cluster.Simulation.RunFor(10 * Second);
        Assert.Equal(SiloStatus.Joining, next.Agent.LocalStatus);
        cluster.MendAll();

        cluster.Expect("it is active", 2 * Second, () => silos[0].Sees(next, SiloStatus.Active));
    }

    [Fact]
    public void Silo_ThatNeverReachesAnActiveOne_GivesUp()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(2);
        SimulatedSilo next = cluster.Add(port: 3);
        cluster.Cut(next, silos[0]);

        next.Start();
        cluster.Expect("its start ends", 40 * Second, () => next.Started.IsCompleted);

        Assert.IsType<OrleansException>(next.Started.Exception?.InnerException);
    }

    [Fact]
    public void Silo_KilledWhileItJoined_IsEvicted()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(2);
        SimulatedSilo next = cluster.Add(port: 3);
        next.Start();
        cluster.Expect("it joins", Second, () => cluster.Table.StatusOf(next.Address) == SiloStatus.Joining);

        next.Process.Kill();

        cluster.Simulation.RunFor(cluster.Options.MaxJoinAttemptTime - (5 * Second));
        Assert.True(silos[0].Sees(next, SiloStatus.Joining));
        cluster.Expect("it is dead", 15 * Second, () => silos[0].Sees(next, SiloStatus.Dead));
    }

    [Fact]
    public void Table_UnavailableAtTheStart_DelaysIt()
    {
        var cluster = new SimulatedCluster(1) { Table = { IsUnavailable = true } };
        SimulatedSilo silo = cluster.Add(port: 1);

        silo.Start();
        cluster.Simulation.RunFor(10 * Second);
        cluster.Table.IsUnavailable = false;

        cluster.Expect("it is active", 3 * Second, () => silo.Agent.LocalStatus == SiloStatus.Active);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Silo_Leaving_IsSeenToLeaveAndThenDead(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3);

        silos[0].Do(agent => agent.BeginLeavingAsync(CancellationToken.None));
        cluster.Expect("it is leaving", Second / 5, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.ShuttingDown)));
        Task left = silos[0].Do(agent => agent.LeaveAsync(CancellationToken.None));
        cluster.Expect("it is dead", Second / 5, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.Dead)));

        cluster.Expect("it has left", Second, () => left.IsCompletedSuccessfully);
        Assert.False(silos[0].HasStoppedServing);
        Assert.False(silos[0].HasFatalError);
        Assert.False(silos[0].Agent.ReceiveProbe());
    }

    [Fact]
    public void Silo_LeavingWhileTheTableIsUnavailable_EndsInBoundedTime()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(3);
        cluster.Table.IsUnavailable = true;

        Task left = silos[0].Do(agent => agent.LeaveAsync(CancellationToken.None));

        cluster.Expect("it has left", 7 * Second, () => left.IsCompletedSuccessfully);
    }

    [Theory, MemberData(nameof(Seeds))]
    public async Task TryKill_MakesASiloDeadForAllAndForItself(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3);

        Task<bool> killed = null!;
        _ = silos[0].Do(agent => killed = agent.TryKill(silos[1].Address));

        cluster.Expect("all know", Second / 10, () => silos[2].Sees(silos[1], SiloStatus.Dead) && silos[1].HasFatalError);
        cluster.Expect("the call ends", Second / 10, () => killed.IsCompleted);
        Assert.True(await killed);
        Assert.Equal(SiloStatus.Dead, silos[1].Agent.LocalStatus);
        Assert.True(silos[1].Sees(silos[1], SiloStatus.Dead));
    }

    [Fact]
    public async Task TryKill_OfAnUnknownSilo_IsFalse()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(2);

        Task<bool> killed = null!;
        _ = silos[0].Do(agent => killed = agent.TryKill(SiloAddress.New(IPAddress.Loopback, 99, 1)));

        cluster.Expect("the call ends", Second, () => killed.IsCompleted);
        Assert.False(await killed);
    }

    [Fact]
    public void Row_GoneFromTheTable_IsADeath()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(2);

        cluster.Table.Delete();

        cluster.Expect("both know", 6 * Second, () => silos.All(silo => silo.HasFatalError));
    }

    [Fact]
    public void MembershipUpdates_BringEveryVersionInOrderAndEndWithTheSilo()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(2);
        var seen = new List<ClusterMembershipSnapshot>();
        Task reading = silos[0].Do(async agent =>
        {
            await foreach (ClusterMembershipSnapshot snapshot in agent.MembershipUpdates)
                seen.Add(snapshot);
        });

        SimulatedSilo next = cluster.Add(port: 3);
        next.Start();
        cluster.Expect("it is active", 2 * Second, () => silos[0].Sees(next, SiloStatus.Active));
        silos[0].Do(agent => agent.LeaveAsync(CancellationToken.None));
        cluster.Expect("the updates end", Second, () => reading.IsCompleted);

        Assert.Equal(seen.Select(snapshot => snapshot.Version).Distinct().Order(), seen.Select(snapshot => snapshot.Version));
        Assert.Equal(2, seen[0].Members.Count);
        Assert.Contains(seen, snapshot => snapshot.GetSiloStatus(next.Address) == SiloStatus.Joining);
        Assert.Equal(SiloStatus.Dead, seen[^1].GetSiloStatus(silos[0].Address));
    }

    [Fact]
    public void Refresh_ToAVersion_ReadsUntilItIsThere()
    {
        var cluster = new SimulatedCluster(1);
        SimulatedSilo[] silos = cluster.StartTogether(1);
        var next = new MembershipVersion(silos[0].Agent.CurrentSnapshot.Version.Value + 1);

        Task refreshed = silos[0].Do(agent => agent.Refresh(next).AsTask());
        cluster.Simulation.RunFor(Second);
        Assert.False(refreshed.IsCompleted);
        cluster.Table.Insert(new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Loopback, 99, 1),
            Status = SiloStatus.Dead,
            SiloName = "other",
        });

        cluster.Expect("the version is there", Second / 5, () => refreshed.IsCompletedSuccessfully);
        Assert.Equal(next, silos[0].Agent.CurrentSnapshot.Version);
    }
}
