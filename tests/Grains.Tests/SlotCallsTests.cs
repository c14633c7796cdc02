using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Grains.Tests;

/// <summary>What a slot's grain does where the slot is another silo's.</summary>
public sealed class SlotCallsTests : IDisposable
{
    private const string Set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n";
    private const string SetElsewhere = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";

    private readonly ServerConfig _config = new() { ClusterNodeTimeoutMs = 200 };
    private readonly Store _here;
    private readonly Store _there;
    private readonly Map _map = new();
    private readonly SlotCalls _calls;
    private int _forwarded;

    public SlotCallsTests()
    {
        _here = new Store(_config, TimeProvider.System);
        _there = new Store(_config, TimeProvider.System);
        var others = new GrainCommands(_there, _map);
        _calls = new SlotCalls(new GrainCommands(_here, _map), _here, "here", _map, (silo, commands, database) =>
        {
            _forwarded++;
            Assert.Equal("there", silo);
            return others.ExecuteAsync(commands, database, slotNumber: null);
        });
    }

    private static int SlotNumber => SlotHash.Of("k"u8);

    public void Dispose()
    {
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public async Task Slot_OfThisSilo_IsExecutedHere()
    {
        _map.Set("here");
        Assert.Equal("+OK\r\n", await ExecuteAsync(Set));
        Assert.Equal(0, _forwarded);
        Assert.Equal(1, _here.CountKeys(0));
    }

    [Fact]
    public async Task Slot_OfAnotherSilo_IsExecutedThere()
    {
        _here.Slots[SlotNumber].Role = SlotRole.Away;
        _map.Set("there");
        Assert.Equal("+OK\r\n+OK\r\n", await ExecuteAsync(Set + Set));
        Assert.Equal(1, _forwarded);
        Assert.Equal(1, _there.CountKeys(0));
    }

    [Fact]
    public async Task Slot_OnItsWay_IsWaitedFor()
    {
        _here.Slots[SlotNumber].Role = SlotRole.Away;
        _there.Slots[SlotNumber].Role = SlotRole.Away;
        _map.Set("here");
        _map.Refreshing = () =>
        {
            _map.Set("there");
            _map.Refreshing = () =>
            {
                _map.Refreshing = null;
                _there.Slots[SlotNumber].Role = SlotRole.Primary;
                throw new InvalidOperationException("no answer");
            };
        };
        Assert.Equal("+OK\r\n", await ExecuteAsync(Set));
        Assert.Equal(2, _forwarded);
    }

    [Fact]
    public async Task Slot_OfNobody_IsNotServed()
    {
        _here.Slots[SlotNumber].Role = SlotRole.Away;
        _map.Set(null);
        Assert.Equal("-CLUSTERDOWN Hash slot not served\r\n-CLUSTERDOWN Hash slot not served\r\n", await ExecuteAsync(Set + Set));
    }

    [Fact]
    public async Task Batch_WithACommandOfAnotherSlot_IsNotSentOn()
    {
        _here.Slots[SlotNumber].Role = SlotRole.Away;
        _map.Set("there");
        Assert.Equal($"-CROSSSLOT Keys in request don't hash to the same slot\r\n-NOTOWNER {_map.Current.Version}\r\n", await ExecuteAsync(SetElsewhere + Set));
        Assert.Equal(0, _forwarded);
    }

    private async Task<string> ExecuteAsync(string commands) =>
        Encoding.ASCII.GetString((await _calls.ExecuteAsync(new RespBatch(Encoding.ASCII.GetBytes(commands)), 0, SlotNumber)).Replies.Bytes);

    private sealed class Map : ISlotMapSource
    {
        public event Action<SlotMap>? Changed;

        public SlotMap Current { get; private set; } = SlotMap.Empty;

        public Action? Refreshing { get; set; }

        public void Set(string? owner)
        {
            Current = new SlotMap(Current.Version + 1, [], [new SlotRange(0, SlotHash.SlotCount - 1, owner, Current.Version + 1)]);
            Changed?.Invoke(Current);
        }

        public Task RefreshAsync(long staleVersion)
        {
            Refreshing?.Invoke();
            return Task.CompletedTask;
        }
    }
}
