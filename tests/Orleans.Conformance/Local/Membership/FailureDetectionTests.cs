using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Which silos are declared dead, by whom and how soon, when processes die, hang, come late or are cut off. In simulated time.</summary>
public sealed class FailureDetectionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<int> Seeds => SimulationSeeds.Take(25);

    [Theory, MemberData(nameof(Seeds))]
    public void Silo_Killed_IsDeadForAllWithinASecond(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3 + (seed % 3));
        cluster.Simulation.RunFor(cluster.Simulation.Between(0, 5000));

        silos[0].Process.Kill();

        cluster.Expect("the killed silo is dead", Second, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.Dead)));
        AssertAlive(cluster, silos[1..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Silo_Hung_IsDeadForAllWithinThreeSecondsAndStopsWhenItGoesOn(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3 + (seed % 3));
        cluster.Simulation.RunFor(cluster.Simulation.Between(0, 5000));

        silos[0].Process.Hang();
        cluster.Expect("the hung silo is dead", 3 * Second, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.Dead)));
        cluster.Simulation.RunFor(cluster.Simulation.Between(0, 5000));
        silos[0].Process.Continue();

        cluster.Expect("the silo knows that it is dead", Second / 2, () => silos[0].HasFatalError);
        cluster.Simulation.RunFor(30 * Second);
        AssertAlive(cluster, silos[1..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Silo_HungForLessThanASuspicionTakes_LivesOn(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3);
        for (int i = 0; i < 10; i++)
        {
            silos[i % 3].Process.Hang();
            cluster.Simulation.RunFor(cluster.Simulation.Between(100, 900));
            silos[i % 3].Process.Continue();
            cluster.Simulation.RunFor(5 * Second);
        }

        AssertAlive(cluster, silos);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void AllSilos_RunningLate_DeclareNobodyDead(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(4);

        foreach (SimulatedSilo silo in silos)
            silo.Process.MaxLag = TimeSpan.FromMilliseconds(150 + (seed % 25 * 15));
        cluster.Simulation.RunFor(120 * Second);

        AssertAlive(cluster, silos);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void OneSilo_RunningVeryLate_AccusesNobody(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(4);

        silos[0].Process.MaxLag = TimeSpan.FromMilliseconds(500 + (seed % 25 * 100));
        cluster.Simulation.RunFor(120 * Second);

        AssertAlive(cluster, silos[1..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void OneSilo_CutOffFromTheOthers_DiesAlone(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3 + (seed % 2));
        foreach (SimulatedSilo other in silos[1..])
            cluster.Cut(silos[0], other);

        // Gossip does not reach it, but its next look at the table does.
        cluster.Expect("the silo is dead", 3 * Second, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.Dead)));
        cluster.Expect("the silo knows", 6 * Second, () => silos[0].HasFatalError);
        cluster.Simulation.RunFor(60 * Second);
        AssertAlive(cluster, silos[1..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void TwoSilos_CutOffFromEachOtherOnly_BothLive(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3 + (seed % 2));

        cluster.Cut(silos[0], silos[1]);
        cluster.Simulation.RunFor(120 * Second);

        AssertAlive(cluster, silos);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void OneOfTwo_Killed_IsDeadByTheOthersVoteAlone(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(2);

        silos[0].Process.Kill();

        cluster.Expect("the killed silo is dead", Second, () => silos[1].Sees(silos[0], SiloStatus.Dead));
        AssertAlive(cluster, silos[1..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void TwoOfThree_KilledAtOnce_AreDeadWhenTheirRowsAreStale(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3);

        silos[0].Process.Kill();
        silos[1].Process.Kill();

        cluster.Expect("both are dead", 5 * Second, () => silos[..2].All(killed => silos[2].Sees(killed, SiloStatus.Dead)));
        AssertAlive(cluster, silos[2..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Table_UnavailableForAWhile_CostsNobodysLife(int seed)
    {
        var cluster = new SimulatedCluster(seed);
        SimulatedSilo[] silos = cluster.StartTogether(3);

        cluster.Table.IsUnavailable = true;
        cluster.Simulation.RunFor(30 * Second);
        silos[0].Process.Kill();
        cluster.Simulation.RunFor(5 * Second);
        Assert.Equal(SiloStatus.Active, cluster.Table.StatusOf(silos[0].Address));
        cluster.Table.IsUnavailable = false;

        cluster.Expect("the killed silo is dead", 3 * Second, () => silos[1..].All(silo => silo.Sees(silos[0], SiloStatus.Dead)));
        AssertAlive(cluster, silos[1..]);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Silos_KilledHungAndStartedAtRandom_AgreeInTheEnd(int seed)
    {
        var cluster = new SimulatedCluster(seed) { Table = { LostReply = 0.05 } };
        Random random = cluster.Simulation.Random;
        List<SimulatedSilo> running = [.. cluster.StartTogether(5)];
        int generation = 1;
        for (int i = 0; i < 12; i++)
        {
            SimulatedSilo victim = running[random.Next(running.Count)];
            running.Remove(victim);
            if (random.Next(2) == 0)
                victim.Process.Kill();
            else
                victim.Process.Hang();
            cluster.Simulation.RunFor(cluster.Simulation.Between(1500, 6000));
            SimulatedSilo next = cluster.Add(victim.Address.Endpoint.Port, ++generation);
            next.Start();
            running.Add(next);
            cluster.Simulation.RunFor(cluster.Simulation.Between(1000, 6000));
            victim.Process.Continue();
        }

        cluster.Expect("all see the same", 20 * Second, () => running.All(silo => cluster.Silos.All(other =>
            silo.Sees(other, running.Contains(other) ? SiloStatus.Active : SiloStatus.Dead))));
        AssertAlive(cluster, [.. running]);
    }

    private static void AssertAlive(SimulatedCluster cluster, SimulatedSilo[] silos)
    {
        foreach (SimulatedSilo silo in silos)
        {
            Assert.True(silo.Agent.LocalStatus == SiloStatus.Active, $"Seed {cluster.Simulation.Seed}: {silo.Describe()}");
            Assert.Equal(SiloStatus.Active, cluster.Table.StatusOf(silo.Address));
            Assert.False(silo.HasStoppedServing);
        }
    }
}
