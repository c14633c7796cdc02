using System.Text;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests.Types;

/// <summary>The sorted set against a plain model: a list that is sorted anew.</summary>
[Collection(NativeMemoryCollection.Name)]
public sealed class SortedSetTests
{
    private static readonly PackLimits NeverPacked = new(0, 0);
    private static readonly PackLimits AlwaysPacked = new(int.MaxValue, int.MaxValue);

    [Theory]
    [InlineData(1, 3000, 3000, 5)]
    [InlineData(2, 3000, 3000, 100000)]
    [InlineData(3, 20000, 30000, 1000)]
    [InlineData(4, 400, 20000, 1)]
    public void Big_RandomChanges_StaysInOrder(int seed, int members, int changes, int scores) =>
        RunRandomChanges(seed, members, changes, scores, NeverPacked);

    [Theory]
    [InlineData(5, 60, 2000, 5)]
    [InlineData(6, 60, 2000, 1000)]
    public void Small_RandomChanges_StaysInOrder(int seed, int members, int changes, int scores) =>
        RunRandomChanges(seed, members, changes, scores, AlwaysPacked);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Big_AddedInOrderAndRemovedFromEitherEnd_FindsRanks(bool ascending)
    {
        const int Count = 10000;
        var set = new SortedSet(NeverPacked);
        for (var i = 0; i < Count; i++) Add(set, $"m{i}", ascending ? i : -i);
        for (var i = 0; i < Count; i += 97)
            Assert.Equal(ascending ? i : Count - 1 - i, set.RankOf(Bytes($"m{i}"), out _));
        for (var left = Count; left > 0; left -= 2)
        {
            set.RemoveRange(new RankRange(0, 1));
            set.RemoveRange(new RankRange(set.Count - 1, 1));
            Assert.Equal(left - 2, set.Count);
        }

        Assert.Empty(Members(set, reverse: false));
        set.Free();
    }

    [Fact]
    public void Big_RemoveRangeInTheMiddle_LeavesBothEnds()
    {
        var set = new SortedSet(NeverPacked);
        for (var i = 0; i < 5000; i++) Add(set, $"m{i:D5}", 0);
        set.RemoveRange(new RankRange(10, 4980));
        Assert.Equal(Enumerable.Range(0, 10).Concat(Enumerable.Range(4990, 10)).Select(i => $"m{i:D5}"), Members(set, reverse: false));
        set.Free();
    }

    [Fact]
    public void Add_BeyondTheLimits_BecomesBig()
    {
        var limits = new PackLimits(3, 8);
        var set = new SortedSet(limits);
        foreach (var name in new[] { "a", "b", "c" }) set.Add(Bytes(name), 1, AddOptions.None, limits, out _);
        Assert.Equal("listpack", set.EncodingName);
        set.Add("d"u8, 0, AddOptions.None, limits, out _);
        Assert.Equal("skiplist", set.EncodingName);
        Assert.Equal(["d", "a", "b", "c"], Members(set, reverse: false));
        set.Free();
    }

    [Fact]
    public void Add_LongMember_BecomesBig()
    {
        var limits = new PackLimits(3, 8);
        var set = new SortedSet(limits);
        set.Add("123456789"u8, 1.5, AddOptions.None, limits, out _);
        Assert.Equal("skiplist", set.EncodingName);
        set.Free();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void Clone_ThenChangeTheOriginal_KeepsTheCopy(int count)
    {
        var limits = new PackLimits(128, 64);
        var set = new SortedSet(limits);
        for (var i = 0; i < count; i++) set.Add(Bytes($"m{i}"), i, AddOptions.None, limits, out _);
        var copy = (SortedSet)set.Clone();
        set.RemoveRange(new RankRange(0, 5));
        set.Free();
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"m{i}"), Members(copy, reverse: false));
        copy.Free();
    }

    [Fact]
    public void Score_EveryKindOfNumber_ReadsBackFromAListpack()
    {
        double[] scores = [0, 1, -1, 0.1, 1e300, -1e-300, double.PositiveInfinity, double.NegativeInfinity, 3.5, 1L << 53, 1e17];
        var set = new SortedSet(AlwaysPacked);
        for (var i = 0; i < scores.Length; i++) set.Add(Bytes($"m{i}"), scores[i], AddOptions.None, AlwaysPacked, out _);
        for (var i = 0; i < scores.Length; i++)
        {
            Assert.True(set.TryGetScore(Bytes($"m{i}"), out var score));
            Assert.Equal(scores[i], score);
        }

        set.Free();
    }

    [Fact]
    public void Free_BigAndSmall_GivesAllMemoryBack()
    {
        var before = SlabHeap.AllocatedBytes;
        RunRandomChanges(7, 5000, 8000, 100, NeverPacked);
        RunRandomChanges(8, 50, 500, 100, AlwaysPacked);
        Assert.Equal(before, SlabHeap.AllocatedBytes);
    }

    private static void RunRandomChanges(int seed, int members, int changes, int scores, PackLimits limits)
    {
        var random = new Random(seed);
        var set = new SortedSet(limits);
        var model = new Dictionary<string, double>();
        for (var i = 0; i < changes; i++)
        {
            // Mostly growing in the first half, mostly shrinking in the second.
            var name = $"m{random.Next(members)}";
            if (random.Next(10) < (i < changes / 2 ? 8 : 3))
            {
                var score = random.Next(scores) / 2.0;
                set.Add(Bytes(name), score, AddOptions.None, limits, out _);
                model[name] = score;
            }
            else
            {
                Assert.Equal(model.Remove(name), set.Remove(Bytes(name)));
            }

            if (i % (changes / 10) == 0) Compare(seed, model, set, random);
        }

        Compare(seed, model, set, random);
        set.Free();
    }

    private static void Compare(int seed, Dictionary<string, double> model, SortedSet set, Random random)
    {
        var sorted = model.OrderBy(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        var names = sorted.Select(pair => pair.Key).ToArray();
        Assert.True(sorted.Length == set.Count, $"seed {seed}");
        Assert.Equal(names, Members(set, reverse: false));
        Assert.Equal(names.Reverse(), Members(set, reverse: true));
        for (var rank = 0; rank < names.Length; rank += 1 + (names.Length / 50))
        {
            Assert.Equal(rank, set.RankOf(Bytes(names[rank]), out var score));
            Assert.Equal(sorted[rank].Value, score);
        }

        for (var i = 0; i < 20 && sorted.Length > 0; i++)
        {
            var min = sorted[random.Next(sorted.Length)].Value;
            var max = sorted[random.Next(sorted.Length)].Value;
            Assert.True(ScoreRange.TryParse(Bytes($"({min}"), Bytes($"{max}"), out var range));
            var expected = sorted.Count(pair => pair.Value > min && pair.Value <= max);
            Assert.Equal(expected, set.RangeOf(range).Count);
        }
    }

    private static string[] Members(SortedSet set, bool reverse)
    {
        var members = new List<string>();
        var reader = set.Read(new RankRange(0, set.Count), reverse, new byte[ListPack.ScratchBytes]);
        while (reader.MoveNext()) members.Add(Encoding.Latin1.GetString(reader.Member));
        return [.. members];
    }

    private static void Add(SortedSet set, string member, double score) => set.Add(Bytes(member), score, AddOptions.None, NeverPacked, out _);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
