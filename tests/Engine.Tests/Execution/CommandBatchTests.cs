using System.Globalization;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Tests.Execution;

public sealed unsafe class CommandBatchTests : IDisposable
{
    private static readonly ReaderLimits Limits = new(1024 * 1024, IsAuthenticated: true);

    private readonly TestStore _store = new();
    private ArgumentList _partial = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Read_ManyCommands_StopsAtTheMost()
    {
        var input = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n$4\r\nPING\r\n", 40)));
        var batch = new CommandBatch(_store.Store);
        fixed (byte* start = input)
        {
            var reader = new CommandReader(start, input.Length, Limits);
            var counts = new List<int>();
            ReadStatus status;
            do
            {
                status = batch.Read(ref reader, ref _partial, CommandBatch.MaxCommands, database: 0);
                counts.Add(batch.Count);
                batch.Trim();
            }
            while (status == ReadStatus.Command);
            Assert.Equal([16, 16, 8], counts);
            Assert.Equal(input.Length, reader.Consumed);
        }
    }

    [Fact]
    public void Read_CommandOfOneKey_KnowsRowSlotAndEnd()
    {
        var input = "*2\r\n$3\r\nget\r\n$5\r\n{a}.b\r\n*3\r\n$4\r\nmget\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$4\r\nnope\r\n"u8.ToArray();
        var batch = new CommandBatch(_store.Store);
        fixed (byte* start = input)
        {
            var reader = new CommandReader(start, input.Length, Limits);
            Assert.Equal(ReadStatus.NeedMore, batch.Read(ref reader, ref _partial, CommandBatch.MaxCommands, database: 0));
            Assert.Equal(3, batch.Count);
            Assert.Equal("get", batch[0].Row!.Name);
            Assert.Equal(SlotHash.Of("a"u8), batch[0].Slot!.Number);
            Assert.Equal(24, batch[0].End);
            Assert.Equal("mget", batch[1].Row!.Name);
            Assert.Null(batch[1].Slot);
            Assert.Null(batch[2].Row);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Read_KeysThatAreThere_LeavesThemAndTheirLocksAsTheyAre(int database)
    {
        var input = new StringBuilder();
        for (var i = 0; i < 16; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"key:{i:00}");
            _store.Run("SET", key, "value");
            if (database != 0) _store.Run("MOVE", key, database.ToString(CultureInfo.InvariantCulture));
            input.Append("*2\r\n$3\r\nGET\r\n$6\r\n").Append(key).Append("\r\n");
        }

        _store.Worker.Release();
        var bytes = Encoding.ASCII.GetBytes(input.ToString());
        var batch = new CommandBatch(_store.Store);
        fixed (byte* start = bytes)
        {
            var reader = new CommandReader(start, bytes.Length, Limits);
            batch.Read(ref reader, ref _partial, CommandBatch.MaxCommands, database);
        }

        for (var i = 0; i < 16; i++)
        {
            Assert.False(batch[i].Slot!.Lock.IsHeld);
            Assert.Equal(1, batch[i].Slot![database].Count);
        }
    }

    [Fact]
    public void Read_CommandInPieces_KeepsItsArgumentsForTheNextPass()
    {
        var input = "*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"u8.ToArray();
        var batch = new CommandBatch(_store.Store);
        for (var cut = 15; cut < input.Length; cut++)
        {
            fixed (byte* start = input)
            {
                var first = new CommandReader(start, cut, Limits);
                Assert.Equal(ReadStatus.NeedMore, batch.Read(ref first, ref _partial, CommandBatch.MaxCommands, database: 0));
                Assert.Equal(1, batch.Count);
                batch.Trim();
                var second = new CommandReader(start + first.Consumed, input.Length - first.Consumed, Limits, first.Partial);
                batch.Read(ref second, ref _partial, CommandBatch.MaxCommands, database: 0);
                Assert.Equal(1, batch.Count);
                Assert.Equal(["SET", "k", "v"], Enumerable.Range(0, 3).Select(i => Encoding.ASCII.GetString(batch[0].Args[i])));
                batch.Trim();
            }
        }
    }

    [Fact]
    public void Rewind_AfterAReadCommand_ReadsItAgain()
    {
        var input = "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n*2\r\n$3\r\nGET"u8.ToArray();
        var batch = new CommandBatch(_store.Store);
        fixed (byte* start = input)
        {
            var reader = new CommandReader(start, input.Length, Limits);
            batch.Read(ref reader, ref _partial, CommandBatch.MaxCommands, database: 0);
            Assert.Equal(2, batch.Count);
            reader.Rewind(batch[0].End);
            Assert.Equal(0, reader.Partial.ArgumentsLeft);
            batch.Read(ref reader, ref _partial, CommandBatch.MaxCommands, database: 0);
            Assert.Equal(1, batch.Count);
            Assert.Equal("QUIT", Encoding.ASCII.GetString(batch[0].Args[0]));
        }
    }
}
