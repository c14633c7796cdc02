using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Tests.Execution;

/// <summary>Threads that push, move and wait on the same few keys.</summary>
public sealed class WaiterStressTests
{
    private const int Threads = 3;
    private const int PushesPerThread = 4000;

    private static readonly string[] AwaitedKeys = ["a", "b", "c"];

    [Fact]
    public void PushMoveAndWait_FromSeveralThreads_LosesNothingAndLeavesNothingBesideAWaiter()
    {
        using var store = new Store(new ServerConfig(), TimeProvider.System);
        var taken = new ConcurrentQueue<string>();
        var threads = Enumerable.Range(0, Threads).Select(seed => new Thread(() => Work(store, seed, taken))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        foreach (var key in AwaitedKeys)
        {
            var slot = store.SlotOf(Encoding.ASCII.GetBytes(key));
            Assert.True(slot[0].Count == 0 || slot.Waiters == null, $"{key} has elements and waiters");
        }

        var worker = store.CreateWorker();
        foreach (var key in AwaitedKeys.Append("d")) new Client(store, worker, taken).Run("LPOP", key, "1000000");
        Assert.Equal(Threads * PushesPerThread, taken.Count);
        Assert.Equal(taken.Count, taken.Distinct().Count());
    }

    private static void Work(Store store, int seed, ConcurrentQueue<string> taken)
    {
        var random = new Random(seed);
        var worker = store.CreateWorker();
        var pusher = new Client(store, worker, []);
        var waiters = Enumerable.Range(0, 4).Select(_ => new Client(store, worker, taken)).ToArray();
        for (var i = 0; i < PushesPerThread; i++)
        {
            foreach (var waiter in waiters.Where(waiter => !waiter.IsWaiting)) Wait(waiter, random);
            pusher.Run("RPUSH", AnyKey(random), string.Create(CultureInfo.InvariantCulture, $"{seed}-{i}"));
        }
    }

    private static void Wait(Client client, Random random)
    {
        var destination = random.Next(4) == 0 ? "d" : AnyKey(random);
        if (random.Next(3) == 0) client.Run("BLMOVE", AnyKey(random), destination, "LEFT", "RIGHT", "0");
        else client.Run("BLPOP", AnyKey(random), AnyKey(random), "0");
    }

    private static string AnyKey(Random random) => AwaitedKeys[random.Next(AwaitedKeys.Length)];

    // Keeps the elements that it takes for good.
    private sealed class Client(Store store, Worker worker, ConcurrentQueue<string> taken) : ClientSession
    {
        private CommandContext? _context;
        private bool _keeps;
        private int _isWaiting;

        public bool IsWaiting => Volatile.Read(ref _isWaiting) != 0;

        public override bool MayBlock => true;

        public void Run(params string[] words)
        {
            using var buffer = new ReplyBuffer();
            var writer = new ReplyWriter(buffer, resp3: false);
            _context ??= new CommandContext(store, this);
            _context.Args = ArgumentList.Of([.. words.Select(Encoding.ASCII.GetBytes)]);
            _context.Row = store.Commands.Find(_context.Args[0])!;
            _keeps = words[0] is "BLPOP" or "LPOP";
            Executor.Execute(worker, _context, ref writer);
            worker.Release();
            writer.Commit();
            Keep(buffer);
        }

        public override void Blocked(BlockedCommand command) => Volatile.Write(ref _isWaiting, 1);

        public override void Unblocked(BlockedCommand command, ReplyBuffer reply)
        {
            Keep(reply);
            reply.Dispose();
            Volatile.Write(ref _isWaiting, 0);
        }

        // Elements have a dash in them, keys have none.
        private void Keep(ReplyBuffer reply)
        {
            if (!_keeps) return;
            var text = new StringBuilder();
            for (var i = 0; i < reply.ChunkCount; i++) text.Append(Encoding.ASCII.GetString(reply.ChunkAt(i)));
            foreach (var line in text.ToString().Split("\r\n"))
                if (line.Contains('-') && char.IsAsciiDigit(line[0])) taken.Enqueue(line);
        }
    }
}
