using System.Globalization;
using OrleansKv.Engine.Replication;
using Xunit.Abstractions;

namespace OrleansKv.Simulation;

/// <summary>The replication protocol under random faults. ORLEANSKV_SEEDS says how many seeds, ORLEANSKV_SEED runs one, with its transcript.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>Faults upon faults: what only one copy is left of may be lost, but nobody may be told anything wrong.</summary>
    [Fact]
    public void RandomFaults_TellNobodyAnythingWrong() => RunSeeds(100, Weather);

    /// <summary>Where all copies are there again before the next fault, nothing that was acknowledged is ever lost.</summary>
    [Fact]
    public void OneFaultAtATime_LosesNothing() => RunSeeds(12, world =>
    {
        var cluster = CreateCluster(world);
        var faults = new Faults(cluster);
        for (var fault = 0; fault < 4; fault++)
        {
            // A process may be stopped for 3 s; what it leaves behind is mended soon after.
            world.RunUntil(world.NowUs + 6_000_000);
            AssertRecovered(cluster, world);
            faults.HappenOnce();
        }

        world.RunUntil(world.NowUs + 6_000_000);
        AssertRecovered(cluster, world);
        Check.That(cluster.Checker.Lost == 0, "a slot lost every copy.");
        return cluster.Checker;
    });

    /// <summary>A silo leaves, and its next process joins; or a new one joins. One of those that slots have just moved to, or anybody, fails.</summary>
    [Fact]
    public void FaultWhileSlotsMove_LosesNothing() => RunSeeds(25, world =>
    {
        var cluster = CreateCluster(world);
        var faults = new Faults(cluster);
        for (var round = 0; round < 3; round++)
        {
            world.RunUntil(world.NowUs + 6_000_000);
            AssertRecovered(cluster, world);
            cluster.Network.Loss = world.Chance(0.5) ? 0 : 0.2;
            var before = cluster.Map.LastMove;
            if (round < 2) cluster.Map.Leave(cluster.Silos[world.Random.Next(cluster.Silos.Count)].Name);
            else cluster.Start("Z");
            var limitUs = world.NowUs + world.Between(500, 4000);
            while (cluster.Map.LastMove == before && world.NowUs < limitUs) world.RunUntil(world.NowUs + 1000);
            if (world.Chance(0.5) && cluster.Map.LastMove is { } move && move != before) faults.Crash(move.Target, withinMs: 20);
            else faults.HappenOnce();
            world.RunUntil(world.NowUs + 2_000_000);
            cluster.Network.Loss = 0;
        }

        world.RunUntil(world.NowUs + 6_000_000);
        AssertRecovered(cluster, world);
        Check.That(cluster.Checker.Lost == 0, "a slot lost every copy.");
        return cluster.Checker;
    });

    [Fact]
    public void SameSeed_SameRun()
    {
        List<string> first = [], second = [];
        Weather(new World(7) { Transcript = first.Add });
        Weather(new World(7) { Transcript = second.Add });
        Assert.NotEmpty(first);
        Assert.Equal(first, second);
    }

    private static Checker Weather(World world)
    {
        var cluster = CreateCluster(world);
        var faults = new Faults(cluster);
        faults.Begin(untilUs: 12_000_000);
        world.RunUntil(12_000_000);
        faults.End();
        world.RunUntil(18_000_000);
        AssertRecovered(cluster, world);
        return cluster.Checker;
    }

    private static Cluster CreateCluster(World world)
    {
        var cluster = new Cluster(world)
        {
            ReplicaCount = world.Random.Next(1, 3),
            IsBalancing = true,
            ClockError = 0.04,
            BacklogRecords = world.Chance(0.3) ? 20 : 1000,
            Options = new ReplicationOptions { WindowBytes = world.Chance(0.3) ? 500 : 100_000, BatchBytes = 300, MaxRequests = world.Random.Next(1, 4) },
        };
        world.AfterEvent = cluster.Checker.AfterEvent;
        for (var i = 0; i < 3 + world.Seed % 3; i++) cluster.Start(((char)('A' + i)).ToString());
        for (var i = 0; i < 6; i++) new SimClient(cluster, $"client{i}").Run();
        return cluster;
    }

    private void RunSeeds(int seeds, Func<World, Checker> run)
    {
        if (Number("ORLEANSKV_SEED") is { } seed)
        {
            run(new World(seed) { Transcript = output.WriteLine });
            return;
        }

        int acknowledged = 0, lost = 0;
        for (var i = 1; i <= (Number("ORLEANSKV_SEEDS") ?? seeds); i++)
        {
            try
            {
                var checker = run(new World(i));
                acknowledged += checker.Acknowledged;
                lost += checker.Lost;
            }
            catch (Exception failure)
            {
                throw new SimulationFailedException($"Seed {i}: {failure.Message} (ORLEANSKV_SEED={i} replays it.)\n{failure.StackTrace}");
            }
        }

        output.WriteLine($"{acknowledged} operations acknowledged; {lost} slots lost every copy");
    }

    /// <summary>With nothing wrong any more, every slot is served, and has all its copies.</summary>
    private static void AssertRecovered(Cluster cluster, World world)
    {
        var map = cluster.Map.Map;
        for (var slot = 0; slot < cluster.SlotCount; slot++)
        {
            var range = map.RangeOf(slot);
            Check.That(range.Owner != null, $"slot {slot} has no owner {world.NowUs / 1000} ms after the beginning.");
            Check.That(cluster.Find(range.Owner!)?.IsOwnerNow(slot) == true, $"{range.Owner} does not serve slot {slot}.");
            var owner = map.Find(range.Owner!)!;
            Check.That(
                owner.Replicas.Length > 0 && owner.Replicas.All(silo => owner.HoldsCopy(silo, range.Epoch)), $"slot {slot} lacks copies in sync.");
        }

        Check.That(cluster.Map.IsBalanced, "a silo has more than its share.");
        Check.That(cluster.Silos.All(silo => silo.Replication.Barrier.WaiterCount == 0 || !silo.Replication.IsDead), "Somebody waits at a dead silo.");
    }

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
