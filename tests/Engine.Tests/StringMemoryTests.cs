using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Tests;

/// <summary>These look at memory that the whole process shares, so nothing runs beside them.</summary>
[CollectionDefinition(nameof(StringMemoryTests), DisableParallelization = true)]
[Collection(nameof(StringMemoryTests))]
public class StringMemoryTests
{
    [Theory]
    [InlineData("GET a")]
    [InlineData("INCR n")]
    [InlineData("INCRBY n 1")]
    [InlineData("SET a 54321")]
    [InlineData("SET e 54321 KEEPTTL")]
    [InlineData("SETEX e 100 54321")]
    [InlineData("GETRANGE a 0 1")]
    [InlineData("MGET a n")]
    [InlineData("EXISTS a")]
    [InlineData("EXPIRE e 50")]
    [InlineData("TTL e")]
    public void HotCommand_AllocatesNothing(string line)
    {
        Assert.Equal(0, AllocatedBy(line, null));
        using var journal = new Journal();
        Assert.Equal(0, AllocatedBy(line, journal));
    }

    // Bytes that the garbage collector had to give.
    private static long AllocatedBy(string line, Journal? journal)
    {
        using var store = new TestStore();
        store.Store.Journal = journal;
        store.Run("SET a 12345");
        store.Run("SET n 100000");
        store.Run("SET e 12345 EX 100");
        var session = store.Connect();
        var args = ArgumentList.Of([.. line.Split(' ').Select(Encoding.ASCII.GetBytes)]);
        var context = new CommandContext(store.Store, session) { Args = args, Row = store.Store.Commands.Find(args[0])! };
        using var buffer = new ReplyBuffer();
        Execute(store.Worker, context, buffer, 100);

        // A collection that another thread causes meanwhile counts as allocated what is left of this thread's few kilobytes at hand. What commands
        // allocate is there every time.
        return Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Execute(store.Worker, context, buffer, 1000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
    }

    [Theory]
    [InlineData("FLUSHALL")]
    [InlineData("FLUSHALL ASYNC")]
    public void Flush_GivesEverythingBack(string flush)
    {
        using var store = new TestStore();
        store.Run("SET warm 1");
        store.Run("FLUSHALL");
        var before = SlabHeap.AllocatedBytes;
        for (var i = 0; i < 2000; i++)
        {
            store.Run($"SET k{i} {new string('x', i)}");
            store.Run($"EXPIRE k{i} {i + 1}");
            store.Run($"APPEND k{i / 2} more");
            store.Run($"RENAME k{i} r{i}");
            store.Run($"COPY r{i} c{i} DB 3");
            if (i % 3 == 0) store.Run($"DEL r{i}");
            if (i % 5 == 0) store.Run($"MOVE r{i} 4");
            store.Run($"SETRANGE s{i % 10} {i} y");
        }

        store.Run("SWAPDB 0 3");
        store.Time.Advance(TimeSpan.FromSeconds(1000));
        store.ExpireAll();
        Assert.NotEqual(before, SlabHeap.AllocatedBytes);
        store.Run(flush);
        Assert.True(SpinWait.SpinUntil(() => store.Store.LazyFree.PendingCount == 0, TimeSpan.FromSeconds(20)));
        Assert.Equal(before, SlabHeap.AllocatedBytes);
    }

    private static void Execute(Worker worker, CommandContext context, ReplyBuffer buffer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var writer = new ReplyWriter(buffer, resp3: false);
            Executor.Execute(worker, context, ref writer);
            writer.Commit();
            buffer.Clear();
        }

        worker.Release();
    }
}
