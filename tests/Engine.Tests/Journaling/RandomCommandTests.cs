using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Oracle;

namespace OrleansKv.Engine.Tests.Journaling;

/// <summary>Random commands of every family on a store with a journal: whoever follows the journal holds the same.</summary>
public sealed class RandomCommandTests
{
    private const int Commands = 30_000;
    private const int Clients = 4;

    private static readonly Family[] Families =
    [
        StringFamily.Instance, KeyFamily.Instance, ListFamily.Instance, HashFamily.Instance, SetFamily.Instance, SortedSetFamily.Instance,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Follower_OfRandomCommands_HoldsTheSame(int seed)
    {
        using var pair = new JournaledPair();
        var gen = new RandomCommands(seed);
        var clients = Enumerable.Range(0, Clients).Select(_ => new JournalClient(pair.Source.Store, pair.Source.Worker)).ToArray();
        for (var i = 0; i < Commands; i++)
        {
            gen.RunOne(clients[gen.Below(Clients)]);
            if (gen.Chance(0.02)) pair.Source.Time.Advance(TimeSpan.FromMilliseconds(gen.Below(gen.Chance(0.05) ? 100_000_000 : 200)));
            if (gen.Chance(0.005)) pair.Source.Store.ActiveExpiry.RunCycle(16384);
            if (i % 500 != 0 && i != Commands - 1) continue;
            pair.CatchUp();
            if (pair.Difference() is { Length: > 0 } difference) Assert.Fail($"seed {seed}, after command {i}: {difference}");
        }

        Assert.True(pair.Journal.LastLsn > 100_000);
    }

    [Fact]
    public void Follower_OfConcurrentClients_HoldsTheSame()
    {
        const int Threads = 4;
        var seed = 100;
        using var pair = new JournaledPair();
        using var stop = new CancellationTokenSource();
        var expiry = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                pair.Source.Store.ActiveExpiry.RunCycle(16384);
                Thread.Yield();
            }
        });
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            var gen = new RandomCommands(seed + number);
            var client = new JournalClient(pair.Source.Store, pair.Source.Store.CreateWorker());
            for (var i = 0; i < Commands / Threads; i++)
            {
                gen.RunOne(client);
                if (number == 0 && gen.Chance(0.02)) pair.Source.Time.Advance(TimeSpan.FromMilliseconds(gen.Below(2000)));
            }

            client.StopWaiting();
        })).ToArray();
        expiry.Start();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        stop.Cancel();
        expiry.Join();
        pair.CatchUp();
        Assert.Equal(SlotDigest.Of(pair.Source.Store), SlotDigest.Of(pair.Copy.Store));
        Assert.True(pair.Journal.LastLsn > 100_000);
    }

    [Fact]
    public void Records_OfOneKey_AreInTheOrderOfExecution()
    {
        const int Threads = 4, Times = 2000;
        using var pair = new JournaledPair();
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            var client = new JournalClient(pair.Source.Store, pair.Source.Store.CreateWorker());
            for (var i = 0; i < Times; i++)
            {
                client.Run("RPUSH", "log", $"{number}:{i}");
                client.Run("SET", $"own:{number}", $"{i}");
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        pair.CatchUp();
        Assert.Equal(Threads * Times, pair.Source.Bulks("LRANGE log 0 -1").Length);
        Assert.Equal(SlotDigest.Of(pair.Source.Store), SlotDigest.Of(pair.Copy.Store));
    }

    [Fact]
    public void Follower_OfAStoreThatEvicts_HoldsTheSame()
    {
        using var pair = new JournaledPair();
        var worker = pair.Source.Worker;
        for (var i = 0; i < 2000; i++) pair.Source.Run("SET", $"key:{i}", new string('x', 1000));
        pair.Source.Config.MaxMemoryPolicy = MaxMemoryPolicy.AllKeysRandom;
        pair.Source.Config.MaxMemoryBytes = MemoryReport.UsedBytes - 500_000;
        Assert.True(SpinWait.SpinUntil(() => pair.Source.Store.Evictor.TryEvict(worker) == EvictionOutcome.BelowLimit, TimeSpan.FromSeconds(20)));
        Assert.True(pair.Source.Store.CountKeys(0) < 2000);
        pair.CatchUp();
        Assert.Equal(SlotDigest.Of(pair.Source.Store), SlotDigest.Of(pair.Copy.Store));
    }

    /// <summary>A seeded source of commands and transactions. Times to live are drawn short, so that keys expire while the test lasts.</summary>
    internal sealed class RandomCommands(int seed)
    {
        private readonly Gen _gen = new(seed);

        public int Below(int bound) => _gen.Below(bound);

        public bool Chance(double probability) => _gen.Chance(probability);

        public void RunOne(JournalClient client)
        {
            if (Chance(0.02)) client.Database = Below(3);
            if (Chance(0.05)) client.Exec(Enumerable.Range(0, 1 + Below(6)).Select(_ => Next()).ToArray());
            else client.Run(Next());
        }

        private string[] Next()
        {
            while (true)
            {
                if (Chance(0.1)) return ShortLife();
                if (Chance(0.03)) return AcrossDatabases();
                var args = _gen.Pick(Families).Next(_gen).Steps[0].Args;
                if (Matches(args)) return args;
            }
        }

        // Strings of half a gigabyte take the time of all the rest; a database that all of a test's commands leave is never looked at.
        private bool Matches(string[] args) => args.Length > 0
            && !(args[0].Equals("SETRANGE", StringComparison.OrdinalIgnoreCase) && args.Length > 2 && args[2].Length > 6)
            && (!args[0].StartsWith("FLUSH", StringComparison.OrdinalIgnoreCase) || Chance(0.1));

        private string[] ShortLife() => Below(4) switch
        {
            0 => ["SET", _gen.AnyKey(), _gen.Value(), "PX", $"{Below(5000)}"],
            1 => ["PEXPIRE", _gen.AnyKey(), $"{Below(5000)}"],
            2 => ["GETEX", _gen.AnyKey(), "PX", $"{Below(5000)}"],
            _ => ["EXPIRE", _gen.AnyKey(), $"{Below(5)}"],
        };

        private string[] AcrossDatabases() => Below(4) switch
        {
            0 => ["MOVE", _gen.AnyKey(), "1"],
            1 => ["COPY", _gen.AnyKey(), _gen.AnyKey(), "DB", $"{Below(3)}", "REPLACE"],
            2 => ["RENAME", _gen.AnyKey(), _gen.AnyKey()],
            _ => ["SWAPDB", "0", $"{Below(3)}"],
        };
    }
}
