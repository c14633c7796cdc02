using System.Text;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Tests.Execution;

/// <summary>What a silo does, and leaves, on slots that it does not own.</summary>
public sealed class OwnershipTests : IDisposable
{
    private const string NotOwner = "-NOTOWNER\r\n";

    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(SlotRole.Away)]
    [InlineData(SlotRole.Replica)]
    public void Command_OnAnothersSlot_IsNotExecuted(SlotRole role)
    {
        _store.Run("SET away 1");
        SetRole("away", role);

        Assert.Equal(NotOwner, _store.Run("GET away"));
        Assert.Equal(NotOwner, _store.Run("INCR away"));
        Assert.Equal(NotOwner, _store.Run("MSET here 1 away 1"));
        Assert.Equal(":0\r\n", _store.Run("EXISTS here"));
    }

    [Fact]
    public void Read_OnAReplica_ForWhoReadsReplicas_ShowsExpiredKeysAsAbsentAndLeavesThem()
    {
        var client = _store.Connect();
        client.ReadsReplicas = true;
        client.Run("SET k 1 PX 100");
        SetRole("k", SlotRole.Replica);

        Assert.Equal("$1\r\n1\r\n", client.Run("GET k"));
        Assert.Equal(NotOwner, client.Run("INCR k"));
        _store.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("$-1\r\n", client.Run("GET k"));
        _store.Store.ActiveExpiry.RunCycle(16384);

        Assert.Equal(1, _store.Store.SlotOf("k"u8).CountKeys(0));
        SetRole("k", SlotRole.Primary);

        // A cycle ends early where its share of the time is over.
        for (var i = 0; i < 100 && _store.Store.SlotOf("k"u8).CountKeys(0) > 0; i++) _store.Store.ActiveExpiry.RunCycle(16384);
        Assert.Equal(0, _store.Store.SlotOf("k"u8).CountKeys(0));
    }

    [Theory]
    [InlineData("FLUSHALL")]
    [InlineData("FLUSHDB")]
    [InlineData("SWAPDB 0 1")]
    public void CommandOnAllSlots_WhileOneIsHeldBack_IsNotExecuted(string command)
    {
        _store.Run("MSET a 1 b 1");
        _store.Store.SlotOf("b"u8).SetRole(SlotRole.Replica, isHeldBack: true);

        Assert.Equal(NotOwner, _store.Run(command));
        Assert.Equal("$1\r\n1\r\n", _store.Run("GET a"));
        _store.Store.SlotOf("b"u8).SetRole(SlotRole.Primary, epoch: 2);
        Assert.Equal("+OK\r\n", _store.Run(command));
        Assert.Equal("$-1\r\n", _store.Run("GET b"));
    }

    [Fact]
    public void Walks_SeeOwnedSlotsOnly()
    {
        _store.Run("MSET a 1 b 1 c 1");
        SetRole("b", SlotRole.Replica);

        Assert.Equal("a c", _store.Sorted("KEYS *"));
        Assert.Equal("a c", string.Join(' ', _store.Bulks("SCAN 0 COUNT 100").Where(word => word != "0").Order(StringComparer.Ordinal)));
        Assert.Equal(":2\r\n", _store.Run("DBSIZE"));
        for (var i = 0; i < 20; i++) Assert.NotEqual("$1\r\nb\r\n", _store.Run("RANDOMKEY"));
    }

    [Fact]
    public void FlushAndSwap_ChangeOwnedSlotsOnly()
    {
        _store.Run("MSET a 1 b 1");
        SetRole("b", SlotRole.Replica);

        _store.Run("SWAPDB 0 1");
        SetRole("b", SlotRole.Primary);
        Assert.Equal("$1\r\nb\r\n", _store.Run("RANDOMKEY"));
        SetRole("b", SlotRole.Replica);
        _store.Run("FLUSHALL");
        SetRole("b", SlotRole.Primary);
        Assert.Equal("b", _store.Sorted("KEYS *"));
    }

    [Fact]
    public void Eviction_TakesOwnedKeysOnly()
    {
        _store.Run("MSET a 1 b 1");
        SetRole("b", SlotRole.Replica);
        _store.Config.MaxMemoryPolicy = MaxMemoryPolicy.AllKeysLru;
        _store.Config.MaxMemoryBytes = 1;

        // An attempt ends early where its time is over.
        EvictionOutcome outcome;
        var attempts = 0;
        do outcome = _store.Store.Evictor.TryEvict(_store.Worker);
        while (outcome == EvictionOutcome.Unfinished && ++attempts < 100);

        Assert.Equal(EvictionOutcome.Failed, outcome);
        Assert.Equal(0, _store.Store.SlotOf("a"u8).CountKeys(0));
        Assert.Equal(1, _store.Store.SlotOf("b"u8).CountKeys(0));
    }

    [Fact]
    public void Wait_WithAKeyThatIsAnothersNow_IsNotServed()
    {
        var client = _store.Connect();
        client.Run("BLMOVE from to LEFT LEFT 0");
        SetRole("to", SlotRole.Away);

        _store.Run("RPUSH from x");

        Assert.Null(client.TakeServed());
        Assert.Equal(":1\r\n", _store.Run("LLEN from"));
    }

    private void SetRole(string key, SlotRole role)
    {
        var slot = _store.Store.SlotOf(Encoding.ASCII.GetBytes(key));
        slot.Lock.Enter();
        slot.Role = role;
        slot.Lock.Exit();
    }
}
