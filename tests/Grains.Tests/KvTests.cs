using System.Text;
using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Tests;

/// <summary>The store through its grains; the same on every runtime and cluster.</summary>
public abstract class KvTests(IKvCluster cluster)
{
    private readonly string _key = Guid.NewGuid().ToString("N");

    private IKvClient Kv => cluster.Kv;

    private ISlotGrain Slot => cluster.Client.GetGrain<ISlotGrain>(SlotHash.Of(((KvBytes)_key).Span));

    [Fact]
    public async Task Get_OfNoKey_IsNull() => Assert.Null(await Kv.GetAsync(_key));

    [Fact]
    public async Task Set_ThenGet_GivesTheValue()
    {
        await Kv.SetAsync(_key, "value");

        Assert.Equal("value", await GetTextAsync(_key));
    }

    [Fact]
    public async Task Set_InOneDatabase_IsNotInAnother()
    {
        await Kv.SetAsync(_key, "value", database: 3);

        Assert.Null(await Kv.GetAsync(_key));
        Assert.Equal("value", await GetTextAsync(_key, database: 3));
    }

    [Fact]
    public async Task Delete_OfAKey_IsTrueOnce()
    {
        await Kv.SetAsync(_key, "value");

        Assert.True(await Kv.DeleteAsync(_key));
        Assert.False(await Kv.DeleteAsync(_key));
    }

    [Fact]
    public async Task Expire_OfAKey_GivesItATimeToLive()
    {
        Assert.False(await Kv.ExpireAsync(_key, TimeSpan.FromMinutes(1)));
        await Kv.SetAsync(_key, "value");

        Assert.True(await Kv.ExpireAsync(_key, TimeSpan.FromMinutes(1)));

        Assert.InRange((long)(await Kv.ExecuteAsync(_key, ["PTTL", _key]))!, 1, 60_000);
    }

    [Fact]
    public async Task Execute_OfAnError_ThrowsItsText()
    {
        await Kv.SetAsync(_key, "no number");

        var exception = await Assert.ThrowsAsync<KvException>(() => Kv.ExecuteAsync(_key, ["INCR", _key]));

        Assert.Equal("ERR value is not an integer or out of range", exception.Message);
    }

    [Fact]
    public async Task Execute_ManyAtOnce_CountsEveryOne()
    {
        const int Calls = 500;

        await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Kv.ExecuteAsync(_key, ["INCR", _key])));

        Assert.Equal("500", await GetTextAsync(_key));
    }

    [Fact]
    public async Task Batch_OfManyCommands_RepliesInOrder()
    {
        var replies = await RunOnSlot($"SET {_key} 1", $"INCR {_key}", $"GET {_key}");

        Assert.Equal("+OK\r\n:2\r\n$1\r\n2\r\n", replies);
    }

    [Theory]
    [InlineData("GET elsewhere", "-CROSSSLOT Keys in request don't hash to the same slot\r\n")]
    [InlineData("NOSUCH x", "-ERR unknown command 'NOSUCH'\r\n")]
    [InlineData("GET", "-ERR wrong number of arguments for 'get' command\r\n")]
    public async Task Batch_WithACommandNotOfTheSlot_RefusesThatOne(string command, string error) =>
        Assert.Equal($"+OK\r\n{error}$1\r\n1\r\n", await RunOnSlot($"SET {_key} 1", command, $"GET {_key}"));

    [Fact]
    public async Task Batch_CutOff_EndsWithAProtocolError()
    {
        var commands = Encoding.ASCII.GetBytes(Resp($"SET {_key} 1") + "*2\r\n$3\r\nGET");

        var replies = await Slot.ExecuteAsync(new(commands), 0);

        Assert.Equal("+OK\r\n-ERR Protocol error: unexpected end of a batch\r\n", Encoding.ASCII.GetString(replies.Bytes));
    }

    [Fact]
    public async Task Batch_ForADatabaseThatIsNot_IsRefused()
    {
        var replies = await Slot.ExecuteAsync(new(Encoding.ASCII.GetBytes(Resp($"SET {_key} 1"))), 16);

        Assert.Equal("-ERR DB index is out of range\r\n", Encoding.ASCII.GetString(replies.Bytes));
    }

    [Fact]
    public async Task SlotGrain_OfNoSlot_IsRefused() =>
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Client.GetGrain<ISlotGrain>(SlotHash.SlotCount).ExecuteAsync(new([]), 0));

    private async Task<string?> GetTextAsync(string key, int database = 0) =>
        await Kv.GetAsync(key, database) is { } value ? Encoding.UTF8.GetString(value) : null;

    private async Task<string> RunOnSlot(params string[] commands)
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(commands.Select(Resp)));
        return Encoding.ASCII.GetString((await Slot.ExecuteAsync(new(bytes), 0)).Bytes);
    }

    private static string Resp(string command)
    {
        var words = command.Split(' ');
        return $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}";
    }
}
