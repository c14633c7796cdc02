using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests.Types;

public class IntSetTests
{
    // What a redis-server dumps for the same members.
    [Theory]
    [InlineData("1,2", "02000000020000000100 0200")]
    [InlineData("2,-1", "0200000002000000ffff 0200")]
    [InlineData("1,70000", "0400000002000000 01000000 70110100")]
    [InlineData("70000,-5000000000", "0800000002000000 000efad5feffffff 7011010000000000")]
    public void Add_Integers_BlobIsRedis(string integers, string blob)
    {
        var set = IntSet.Create();
        foreach (var integer in integers.Split(',')) Assert.True(set.Add(long.Parse(integer)));
        Assert.Equal(blob.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(set.Bytes));
        set.Free();
    }

    [Fact]
    public void AddAndRemove_RandomIntegers_AsSortedSet()
    {
        var random = new Random(7);
        var expected = new SortedSet<long>();
        var set = IntSet.Create();
        for (var i = 0; i < 5000; i++)
        {
            var integer = random.NextInt64(-600, 600) * (i > 2000 ? 100_000_000 : 1);
            if (random.Next(3) == 0) Assert.Equal(expected.Remove(integer), set.Remove(integer));
            else Assert.Equal(expected.Add(integer), set.Add(integer));
            Assert.Equal(expected.Contains(5), set.Contains(5));
        }

        var copy = set.Clone();
        set.Free();
        Assert.Equal(expected, Enumerable.Range(0, copy.Count).Select(i => copy[i]));
        copy.Free();
    }
}
