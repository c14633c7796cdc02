using System.Globalization;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Tests.Journaling;

/// <summary>Copies of single slots. All keys here have the hash tag {t}, and so are in one slot, where a test does not say otherwise.</summary>
public sealed class SlotCopyTests : IDisposable
{
    private readonly JournaledPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Copy_OfValuesOfEveryType_HoldsTheSame()
    {
        _pair.Source.Run("SET {t}string text PX 100000");
        _pair.Source.Run("RPUSH {t}list a b c");
        _pair.Source.Run("HSET {t}hash f v g w");
        _pair.Source.Run("SADD {t}set 1 2 3 x");
        _pair.Source.Run("ZADD {t}zset 0.1 a -inf b 1e300 c 5e-324 d");
        _pair.Source.Run("PEXPIRE {t}zset 5000");
        _pair.Source.Run("COPY {t}list {t}list DB 3");
        _pair.Source.Run("SET elsewhere x");
        var slot = Slot("{t}");
        Assert.True(CopyAll(slot) > 0);
        AssertEqual(slot);
        Assert.Null(slot.Copies);
    }

    [Fact]
    public void Copy_OfBigCollections_ComesInManyBoundedChunks()
    {
        const int Elements = 20_000;
        for (var i = 0; i < Elements; i++)
        {
            var element = string.Create(CultureInfo.InvariantCulture, $"element-{i}-{new string('x', i % 50)}");
            _pair.Source.Run("RPUSH", "{t}list", element);
            _pair.Source.Run("HSET", "{t}hash", element, element);
            _pair.Source.Run("SADD", "{t}set", element);
            _pair.Source.Run("ZADD", "{t}zset", (i / 3.0).ToString("R", CultureInfo.InvariantCulture), element);
        }

        _pair.Source.Run("RPUSH", "{t}long", new string('y', 1_000_000), "b", new string('z', 1_000_000));
        var slot = Slot("{t}");
        var chunks = CopyAll(slot);
        Assert.InRange(chunks, 40, 400);
        AssertEqual(slot);
    }

    [Fact]
    public void Chunk_OfASmallLimit_IsNotMuchBigger()
    {
        for (var i = 0; i < 5000; i++) _pair.Source.Run("SET", $"{{t}}{i}", "some value");
        using var copy = new SlotCopy(_pair.Source.Store, Slot("{t}"), chunkBytes: 4096);
        while (copy.Next() is { } chunk) Assert.InRange(chunk.Length, RecordHeader.Bytes, 4400);
        Assert.True(copy.IsComplete);
    }

    [Fact]
    public void Copy_WhileKeysChangeBetweenChunks_IsTheStateAtItsLsn()
    {
        for (var i = 0; i < 3000; i++) _pair.Source.Run("RPUSH", $"{{t}}{i % 300}", $"{i}");
        for (var i = 0; i < 3000; i++) _pair.Source.Run("HSET", "{t}big", $"{i}", "value");
        var slot = Slot("{t}");
        var round = 0;
        CopyAll(slot, chunkBytes: 2000, between: () =>
        {
            for (var i = 0; i < 5; i++) _pair.Source.Run("LPOP", $"{{t}}{(round * 7) % 300}");
            _pair.Source.Run("RPUSH", $"{{t}}new{round}", "x");
            _pair.Source.Run("RENAME", $"{{t}}{(round * 11) % 300}", $"{{t}}{(round * 13) % 300}");
            if (round % 3 == 0) _pair.Source.Run("HDEL", "{t}big", $"{round}");
            if (round % 50 == 49) _pair.Source.Run("DEL", "{t}big");
            if (round % 50 == 10) _pair.Source.Run("SADD", "{t}big", "now a set");
            round++;
        });
        Assert.True(round > 10);
        _pair.CatchUp();
        AssertEqual(slot);
    }

    [Fact]
    public void Copy_OfADatabaseThatIsFlushedOrExchanged_BeginsAnew()
    {
        for (var i = 0; i < 1000; i++) _pair.Source.Run("SET", $"{{t}}{i}", "value");
        var slot = Slot("{t}");
        var round = 0;
        CopyAll(slot, chunkBytes: 2000, between: () =>
        {
            round++;
            if (round == 3) _pair.Source.Run("SWAPDB 0 2");
            if (round == 6) _pair.Source.Run("FLUSHDB");
            if (round == 7) _pair.Source.Run("SET {t}1 other");
        });
        _pair.CatchUp();
        AssertEqual(slot);
    }

    [Fact]
    public void Copy_GivenUp_IsNotToldOfChangesAnyMore()
    {
        _pair.Source.Run("SET {t} 1");
        var slot = Slot("{t}");
        var copy = new SlotCopy(_pair.Source.Store, slot);
        copy.Next();
        copy.Dispose();
        Assert.Null(slot.Copies);
        Assert.False(slot.Lock.IsHeld);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Copies_UnderConcurrentWritesTimeAndAgain_FollowedByTheJournal_HoldTheSame(int seed)
    {
        const int Threads = 3, Commands = 3000, MinRounds = 5;
        var source = _pair.Source.Store;
        string[] keys = [.. "slhtz".SelectMany(letter => Enumerable.Range(0, 5).Select(number => $"{letter}{number}"))];
        var running = Threads;
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            var gen = new RandomCommandTests.RandomCommands(seed + (number * 1000));
            var client = new JournalClient(source, source.CreateWorker());
            for (var i = 0; i < Commands; i++)
            {
                gen.RunOne(client);
                if (number == 0 && gen.Chance(0.02)) _pair.Source.Time.Advance(TimeSpan.FromMilliseconds(gen.Below(2000)));
            }

            client.StopWaiting();
            Interlocked.Decrement(ref running);
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        try
        {
            for (var round = 0; round < MinRounds || Volatile.Read(ref running) > 0; round++)
            {
                foreach (var key in keys) CopyAll(Slot(key), chunkBytes: 200);
                _pair.CatchUp();
            }
        }
        finally
        {
            foreach (var thread in threads) thread.Join();
        }

        _pair.CatchUp();
        Assert.True(_pair.Difference().Length == 0, $"seed {seed}: {_pair.Difference()}");
        Assert.Equal(SlotDigest.Of(source), SlotDigest.Of(_pair.Copy.Store));
    }

    private Slot Slot(string key) => _pair.Source.Store.SlotOf(System.Text.Encoding.ASCII.GetBytes(key));

    // Copies a slot and has it followed from there on; gives the number of chunks.
    private int CopyAll(Slot slot, int chunkBytes = SlotCopy.DefaultChunkBytes, Action? between = null)
    {
        using var copy = new SlotCopy(_pair.Source.Store, slot, chunkBytes);
        _pair.Applier.Unfollow(slot.Number);
        var chunks = 0;
        for (; copy.Next() is { } chunk; chunks++)
        {
            _pair.Applier.ApplyCopy(chunk.Span);
            if (!copy.IsComplete) between?.Invoke();
        }

        _pair.Applier.Follow(slot.Number, copy.Lsn);
        return chunks;
    }

    private void AssertEqual(Slot slot)
    {
        Span<byte> left = stackalloc byte[SlotDigest.Bytes];
        Span<byte> right = stackalloc byte[SlotDigest.Bytes];
        left.Clear();
        right.Clear();
        SlotDigest.Xor(slot, left);
        SlotDigest.Xor(_pair.Copy.Store.Slots[slot.Number], right);
        Assert.Equal(Convert.ToHexString(left), Convert.ToHexString(right));
        Assert.NotEqual(0, _pair.Copy.Store.Slots[slot.Number].CountKeys(0));
    }
}
