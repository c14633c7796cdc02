using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;

namespace OrleansKv.Grains.Tests;

/// <summary>The store through its grains on one silo, where the silo's own store can be looked at.</summary>
public sealed class HostKvTests(KvHost host) : KvTests(host), IClassFixture<KvHost>
{
    private readonly KvHost _host = host;

    [Fact]
    public async Task Set_ThroughAGrain_IsInTheSilosStore()
    {
        var store = _host.SiloServices.GetRequiredService<Store>();
        var before = store.CountKeys(7);

        await _host.Kv.SetAsync(Guid.NewGuid().ToString("N"), "value", database: 7);

        Assert.Equal(before + 1, store.CountKeys(7));
    }

    [Fact]
    public async Task Key_ThatNobodyAsksForWhenItExpires_LeavesTheSilosStore()
    {
        var store = _host.SiloServices.GetRequiredService<Store>();
        var key = Guid.NewGuid().ToString("N");

        await _host.Kv.ExecuteAsync(key, ["SET", key, "value", "PX", "1"], database: 8);

        Assert.True(SpinWait.SpinUntil(() => store.CountKeys(8) == 0, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task SiloGrain_OfThisSilo_TakesCommandsOfAnySlot()
    {
        var silo = _host.SiloServices.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var grain = _host.Client.GetGrain<ISiloGrain>(silo.ToParsableString());

        var replies = await grain.ExecuteAsync(new("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n"u8.ToArray()), 9);

        Assert.Equal("+OK\r\n$-1\r\n", Encoding.ASCII.GetString(replies.Bytes));
    }

    [Fact]
    public async Task SiloGrain_OfAnEarlierIncarnation_IsUnavailable()
    {
        var silo = _host.SiloServices.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var earlier = SiloAddress.New(silo.Endpoint, silo.Generation - 1);
        var grain = _host.Client.GetGrain<ISiloGrain>(earlier.ToParsableString());

        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.ExecuteAsync(new([]), 0));
    }

    [Fact]
    public async Task SiloGrain_DeliversAMessageOnce_ToWhoeverListens()
    {
        var silo = _host.SiloServices.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();
        var listener = new Listener();
        _host.SiloServices.GetRequiredService<Store>().Subscribers = listener;
        var grain = _host.Client.GetGrain<ISiloGrain>(silo);
        ChannelMessage[] messages = [new(false, "c"u8.ToArray(), "1"u8.ToArray()), new(true, "d"u8.ToArray(), "2"u8.ToArray())];

        Assert.Equal((int[])[7, 7], await grain.DeliverAsync("other", "gateway", 0, messages));
        Assert.Equal((int[])[7, 7], await grain.DeliverAsync("other", "gateway", 0, messages));
        Assert.Equal((int[])[7], await grain.DeliverAsync("other", "gateway", 2, messages[..1]));
        Assert.Equal((int[])[0, 0], await grain.DeliverAsync("other", "gateway", 0, messages));
        Assert.Equal((int[])[7, 7], await grain.DeliverAsync("other", "another", 0, messages));
        Assert.Equal(["c", "d", "c", "c", "d"], listener.Channels);
        Assert.Equal((byte[][])["Pattern"u8.ToArray()], await grain.TopicsAsync(TopicKind.Pattern));
        Assert.Equal((int[])[1, 2], await grain.CountSubscribersAsync(TopicKind.Channel, ["a"u8.ToArray(), "bb"u8.ToArray()]));
    }

    private sealed class Listener : ISubscribers
    {
        public List<string> Channels { get; } = [];

        public int Publish(bool isShard, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
        {
            Channels.Add(Encoding.ASCII.GetString(channel));
            return 7;
        }

        public byte[][] Topics(TopicKind kind) => [Encoding.ASCII.GetBytes(kind.ToString())];

        public int SubscriberCount(TopicKind kind, ReadOnlySpan<byte> topic) => topic.Length;
    }
}
