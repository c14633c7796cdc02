using System.Globalization;

namespace OrleansKv.Engine.Tests;

public class ScanTests
{
    [Theory]
    [InlineData("", 1000)]
    [InlineData("COUNT 5", 1000)]
    [InlineData("COUNT 10000", 1000)]
    [InlineData("MATCH k1??", 100)]
    [InlineData("MATCH nothing*", 0)]
    [InlineData("TYPE STRING", 1000)]
    [InlineData("TYPE hash", 0)]
    [InlineData("TYPE nothing", 0)]
    [InlineData("TYPE \"\"", 0)]
    public void Scan_UntilZero_GivesEveryKeyOnce(string options, int wanted)
    {
        using var store = new TestStore();
        for (var i = 0; i < 1000; i++) store.Run($"SET k{i} x");
        var found = ScanAll(store, options);
        Assert.Equal(wanted, found.Count);
        Assert.Equal(wanted, found.Distinct().Count());
    }

    [Fact]
    public void Scan_InOneSlot_GoesOnInItsTable()
    {
        using var store = new TestStore();
        for (var i = 0; i < 1000; i++) store.Run($"SET {{t}}{i} x");
        var (cursor, found) = Scan(store, "0", "COUNT 10");
        Assert.InRange(found.Count, 10, 40);
        Assert.NotEqual("0", cursor);
        var slot = ulong.Parse(cursor, CultureInfo.InvariantCulture) % 16384;
        Assert.Equal((ulong)store.Store.SlotOf("{t}0"u8).Number, slot);
        Assert.Equal(1000, ScanAll(store, "COUNT 10").Distinct().Count());
    }

    [Fact]
    public void Scan_WhileTheTableGrowsAndShrinks_GivesWhatStays()
    {
        using var store = new TestStore();
        for (var i = 0; i < 200; i++) store.Run($"SET {{t}}stays{i} x");
        var found = new HashSet<string>();
        var cursor = "0";
        var round = 0;
        do
        {
            (cursor, var part) = Scan(store, cursor, "COUNT 5");
            found.UnionWith(part);
            for (var i = 0; i < 500; i++) store.Run($"{(round % 2 == 0 ? "SET" : "DEL")} {{t}}comes{i}{(round % 2 == 0 ? " x" : "")}");
            round++;
        }
        while (cursor != "0");
        Assert.Equal(200, found.Count(key => key.Contains("stays", StringComparison.Ordinal)));
    }

    [Fact]
    public void Scan_ExpiredKeys_AreRemovedOnTheWay()
    {
        using var store = new TestStore();
        for (var i = 0; i < 100; i++) store.Run($"SET k{i} x{(i % 2 == 0 ? " PX 10" : "")}");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(50, ScanAll(store, "").Count);
        Assert.Equal(":50\r\n", store.Run("DBSIZE"));
    }

    [Fact]
    public void Scan_EmptyDatabase_IsDoneAtOnce()
    {
        using var store = new TestStore();
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", store.Run("SCAN 0"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*0\r\n", store.Run("SCAN 18446744073709551615"));
    }

    [Theory]
    [InlineData("*", 6)]
    [InlineData("foo*", 3)]
    [InlineData("*o_[abc]", 2)]
    [InlineData("foo?", 0)]
    [InlineData("key:1", 1)]
    [InlineData("", 0)]
    public void Keys_Pattern_SelectsKeys(string pattern, int count)
    {
        using var store = new TestStore();
        store.Run("MSET foo_a 1 foo_b 1 foo_d 1 key:1 1 key:2 1 x 1");
        store.Run("SET foo_c 1 PX 5");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith($"*{count}\r\n", store.Run("KEYS", pattern), StringComparison.Ordinal);
    }

    [Fact]
    public void RandomKey_GivesEveryLiveKey()
    {
        using var store = new TestStore();
        Assert.Equal("$-1\r\n", store.Run("RANDOMKEY"));
        store.Run("MSET a 1 b 2 {b}2 3");
        store.Run("SET gone 1 PX 5");
        store.Time.Advance(TimeSpan.FromSeconds(1));
        var seen = new HashSet<string>();
        for (var i = 0; i < 500; i++) seen.Add(store.Run("RANDOMKEY"));
        Assert.Equal(["$1\r\na\r\n", "$1\r\nb\r\n", "$4\r\n{b}2\r\n"], seen.Order(StringComparer.Ordinal));
    }

    private static List<string> ScanAll(TestStore store, string options)
    {
        List<string> all = [];
        var cursor = "0";
        do
        {
            (cursor, var found) = Scan(store, cursor, options);
            all.AddRange(found);
        }
        while (cursor != "0");
        return all;
    }

    private static (string Cursor, List<string> Keys) Scan(TestStore store, string cursor, string options)
    {
        var lines = store.Run($"SCAN {cursor} {options}").Split("\r\n");
        List<string> keys = [];
        for (var i = 5; i < lines.Length; i += 2) keys.Add(lines[i]);
        Assert.Equal($"*{keys.Count}", lines[3]);
        return (lines[2], keys);
    }
}
