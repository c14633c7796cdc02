using System.Text;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests.Types;

[CollectionDefinition(nameof(FieldTableTests), DisableParallelization = true)]
[Collection(nameof(FieldTableTests))]
public class FieldTableTests
{
    [Fact]
    public void SetAndRemove_RandomFields_AsDictionaryAndNothingLeft()
    {
        var before = SlabHeap.AllocatedBytes;
        var random = new Random(11);
        var expected = new Dictionary<string, string>();
        var table = new FieldTable();
        for (var i = 0; i < 20_000; i++)
        {
            var key = $"field{random.Next(2000)}";
            var value = new string('v', random.Next(random.Next(300)));
            if (random.Next(3) == 0) Assert.Equal(expected.Remove(key), table.Remove(Bytes(key)));
            else Assert.Equal(expected.TryAdd(key, value), table.Set(Bytes(key), Bytes(expected[key] = value)));
        }

        var copy = table.Clone();
        table.Free();
        Assert.Equal(expected.Count, copy.Count);
        foreach (var (key, value) in expected) Assert.Equal(value, Encoding.ASCII.GetString(copy.Find(Bytes(key)).Value));
        Assert.InRange(SlabHeap.AllocatedBytes - before - copy.NativeBytes, 0, 64);
        copy.Free();
        Assert.Equal(before, SlabHeap.AllocatedBytes);
    }

    // 1,000 nodes in a table of 1,024 to 4,096 buckets, 200,000 picks: a fair choice stays under 1,200 but once in 100,000 runs.
    [Theory]
    [InlineData(1000)]
    [InlineData(4000)]
    public void PickFairly_ManyPicks_EveryNodeAsOften(int room)
    {
        var table = new FieldTable();
        table.Reserve(room);
        for (var i = 0; i < 1000; i++) table.TryAdd(Bytes($"member:{i}"));
        var random = new Random(5);
        var picks = new Dictionary<FieldNode, int>();
        for (var i = 0; i < 200_000; i++)
        {
            var node = table.PickFairly(random);
            picks[node] = picks.GetValueOrDefault(node) + 1;
        }

        Assert.Equal(1000, picks.Count);
        Assert.InRange(picks.Values.Sum(count => (count - 200.0) * (count - 200.0) / 200), 0, 1200);
        table.Free();
    }

    [Fact]
    public void HashesAndSets_AfterDispose_NothingLeft()
    {
        var before = SlabHeap.AllocatedBytes;
        using (var store = new TestStore())
        {
            for (var i = 0; i < 600; i++)
            {
                store.Run($"hset small f{i % 100} {i}");
                store.Run("hset", "big", $"f{i}", new string('x', i));
                store.Run($"sadd ints {i % 300}");
                store.Run($"sadd texts m{i % 100}");
                store.Run($"sadd members m{i}");
            }

            foreach (var set in new[] { "ints", "texts", "members" })
            {
                store.Run($"sunionstore union {set} ints");
                store.Run($"sinterstore inter {set} texts ints");
                store.Run($"sdiffstore diff {set} ints");
                store.Run($"sdiff {set} texts");
                store.Run($"spop {set} 95");
                store.Run($"spop {set} 400");
                store.Run($"spop {set}");
            }

            store.Run("hdel big f1 f2 f599");
            store.Run("sadd diff 1 2 3");
        }

        Assert.Equal(before, SlabHeap.AllocatedBytes);
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
