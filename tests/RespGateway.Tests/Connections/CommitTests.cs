using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Connections;

/// <summary>Replies leave when what they depend on is committed. One loop, so that whatever a turn sends has been sent when the next turn replies.</summary>
public sealed class CommitTests : IDisposable
{
    private readonly TestReplication _replication = new();
    private readonly TestGateway _gateway;
    private readonly RespClient _client;
    private readonly RespClient _other;

    public CommitTests()
    {
        _gateway = new TestGateway(config => config.IoThreads = 1, _replication);
        _client = _gateway.Connect();
        _other = _gateway.Connect();
    }

    public void Dispose()
    {
        _client.Dispose();
        _other.Dispose();
        _gateway.Dispose();
        _replication.Dispose();
    }

    [Fact]
    public void Write_IsAnsweredWhenItIsCommitted()
    {
        Send(_client, "SET", "a", "1");
        AssertHeld(_client);
        _replication.CommitTo(_replication.Journal.LastLsn - 1);
        AssertHeld(_client);
        _replication.Commit();
        Assert.Equal("OK", _client.Read().Text);
    }

    [Fact]
    public void Write_OfASiloThatLosesItsSlots_ClosesTheConnectionWithoutAReply()
    {
        Send(_client, "SET", "a", "1");
        AssertHeld(_client);
        _replication.Lose();
        Assert.Equal("the server closed the connection", Assert.Throws<IOException>(_client.Read).Message);
        Send(_other, "GET", "b");
        Assert.Equal("the server closed the connection", Assert.Throws<IOException>(_other.Read).Message);
    }

    [Fact]
    public void Read_OfAKeyWhoseLastWriteIsNotCommitted_WaitsForIt()
    {
        Send(_client, "SET", "a", "1");
        AssertHeld(_client);
        Assert.Equal(RespKind.NullBulk, _other.Call("GET", "b").Kind);
        Send(_other, "GET", "a");
        AssertHeld(_other, waiters: 2);
        _replication.Commit();
        Assert.Equal("1", _other.Read().Text);
        Assert.Equal("OK", _client.Read().Text);
    }

    [Fact]
    public void Write_ThatWantsNoReply_HoldsBackWhatFollowsItUntilItIsCommitted()
    {
        Send(_client, "CLIENT", "REPLY", "OFF");
        Send(_client, "SET", "a", "1");
        Assert.True(Wait.Until(() => _replication.Barrier.WaiterCount == 1, 10_000));
        Send(_client, "SET", "a", "2");
        Assert.Equal("PONG", _other.Call("PING").Text);
        var lsn = _replication.Journal.LastLsn;
        _replication.Commit();
        Assert.True(Wait.Until(() => _replication.Journal.LastLsn > lsn, 10_000));
        _replication.Commit();
        Assert.Equal("2", _other.Call("GET", "a").Text);
    }

    [Theory]
    [InlineData("GET a")]
    [InlineData("MGET a b")]
    [InlineData("DBSIZE")]
    [InlineData("SCAN 0")]
    [InlineData("RANDOMKEY")]
    [InlineData("WATCH a")]
    public void Read_WithoutALease_WaitsForOne(string command)
    {
        _replication.SetLease(false);
        Send(_client, command.Split(' '));
        AssertHeld(_client);
        _replication.SetLease(true);
        Assert.NotEqual(RespKind.Error, _client.Read().Kind);
    }

    [Fact]
    public void Command_ThatLooksAtNoSlot_IsAnsweredWithoutALease()
    {
        _replication.SetLease(false);
        Assert.Equal("PONG", _client.Call("PING").Text);
        Assert.Contains("role:master", _client.Call("INFO", "replication").Text, StringComparison.Ordinal);
        Assert.Equal("OK", _client.Call("MULTI").Text);
    }

    [Fact]
    public void Command_OnASlotOfAnotherSilo_IsRefusedWithoutALease()
    {
        SetRole("a", SlotRole.Away);
        _replication.SetLease(false);
        Assert.Equal("CLUSTERDOWN Hash slot not served", _client.Call("GET", "a").Text);
    }

    [Fact]
    public void Read_OfACopy_WaitsForNothing()
    {
        SetRole("a", SlotRole.Replica);
        _gateway.Store.SlotOf("a"u8).LastLsn = long.MaxValue - 1;
        _client.Call("PING");
        foreach (var client in _gateway.Server.Clients.All) client.ReadsReplicas = true;
        Assert.Equal(RespKind.NullBulk, _client.Call("GET", "a").Kind);
    }

    [Fact]
    public void Pipeline_GoesOnWhenItsRepliesMayLeave()
    {
        _client.Send(["PING"]);
        _client.Send(["SET", "a", "1"]);
        _client.Send(["GET", "b"]);
        Send(_client, "PING");
        AssertHeld(_client);
        Send(_client, "SET", "a", "2");
        Assert.Equal("PONG", _other.Call("PING").Text);
        var committed = _replication.Journal.LastLsn;
        _replication.Commit();
        Assert.Equal(["PONG", "OK", "", "PONG"], [_client.Read().Text, _client.Read().Text, _client.Read().Text, _client.Read().Text]);
        AssertHeld(_client);
        Assert.True(_replication.Journal.LastLsn > committed);
        _replication.Commit();
        Assert.Equal("OK", _client.Read().Text);
    }

    [Fact]
    public void Transaction_IsAnsweredWhenItIsCommitted()
    {
        _client.Send(["MULTI"]);
        _client.Send(["SET", "a", "1"]);
        _client.Send(["GET", "b"]);
        Send(_client, "EXEC");
        AssertHeld(_client);
        _replication.Commit();
        Assert.Equal(["OK", "QUEUED", "QUEUED"], [_client.Read().Text, _client.Read().Text, _client.Read().Text]);
        Assert.Equal("OK", _client.Read().Items[0].Text);
    }

    [Fact]
    public void Transaction_ThatOnlyReads_WaitsForWhatItSaw()
    {
        Send(_client, "SET", "a", "1");
        AssertHeld(_client);
        _other.Call("MULTI");
        _other.Call("GET", "a");
        Send(_other, "EXEC");
        AssertHeld(_other, waiters: 2);
        _replication.Commit();
        Assert.Equal("1", _other.Read().Items[0].Text);
    }

    [Fact]
    public void BlockedPop_ServedByAnothersWrite_WaitsForIt()
    {
        Send(_client, "BLPOP", "list", "0");
        _gateway.WaitForBlocked(_other, 1);
        Send(_other, "RPUSH", "list", "x");
        _replication.WaitForWaiters(2);
        Assert.False(_client.HasReceived || _other.HasReceived);
        _replication.Commit();
        Assert.Equal("x", _client.Read().Items[1].Text);
        Assert.Equal(1, _other.Read().AsInteger());
    }

    [Fact]
    public void Reply_BeforeABlockingCommand_LeavesWhileThatWaits()
    {
        _client.Send(["SET", "a", "1"]);
        Send(_client, "BLPOP", "list", "0");
        AssertHeld(_client);
        _replication.Commit();
        Assert.Equal("OK", _client.Read().Text);
        Send(_other, "RPUSH", "list", "x");
        _replication.WaitForWaiters(2);
        _replication.Commit();
        Assert.Equal("x", _client.Read().Items[1].Text);
    }

    [Fact]
    public void BlockedPop_ServedWhileAnEarlierReplyWaits_WaitsForBoth()
    {
        _client.Send(["SET", "a", "1"]);
        Send(_client, "BLPOP", "list", "0");
        AssertHeld(_client);
        var first = _replication.Journal.LastLsn;
        Send(_other, "RPUSH", "list", "x");
        _replication.WaitForWaiters(2);
        Assert.True(Wait.Until(() => _gateway.Server.Clients.All.All(client => !client.IsBlocked)));
        _replication.CommitTo(first);
        _replication.WaitForWaiters(2);
        Assert.False(_client.HasReceived);
        _replication.Commit();
        Assert.Equal("OK", _client.Read().Text);
        Assert.Equal("x", _client.Read().Items[1].Text);
    }

    [Fact]
    public void ClientKill_OfAClientWhoseReplyWaits_ClosesItAndLeavesTheWrite()
    {
        var id = _client.Call("CLIENT", "ID").Text;
        Send(_client, "SET", "a", "1");
        AssertHeld(_client);
        Assert.Equal(1, _other.Call("CLIENT", "KILL", "ID", id).AsInteger());
        Assert.Equal("the server closed the connection", Assert.Throws<IOException>(_client.Read).Message);
        _replication.Commit();
        Assert.Equal("1", _other.Call("GET", "a").Text);
    }

    [Fact]
    public void Quit_BehindAWrite_ClosesWhenBothAreAnswered()
    {
        _client.Send(["SET", "a", "1"]);
        Send(_client, "QUIT");
        AssertHeld(_client);
        _replication.Commit();
        Assert.Equal("OK", _client.Read().Text);
        Assert.Equal("OK", _client.Read().Text);
        Assert.True(_client.WaitForClose());
    }

    [Fact]
    public void BigReplies_AreHeldInBoundedMemory()
    {
        const int count = 64;
        Send(_client, "SET", "a", new string('x', 100_000));
        AssertHeld(_client);
        for (var i = 0; i < count; i++) _other.Send(["GET", "a"]);
        _other.Flush();
        AssertHeld(_other, waiters: 2);
        Assert.InRange(_gateway.Server.Clients.All.Max(client => client.Transport.Output.Length), 1024 * 1024, 2 * 1024 * 1024);
        _replication.Commit();
        for (var i = 0; i < count; i++) Assert.Equal(100_000, _other.Read().Text.Length);
    }

    [Fact]
    public void OpenBarrier_HoldsNothing()
    {
        _replication.CommitTo(long.MaxValue);
        Assert.Equal("OK", _client.Call("SET", "a", "1").Text);
        Assert.Equal("1", _other.Call("GET", "a").Text);
    }

    [Fact]
    public async Task ManyConnections_AreEachAnsweredOnce()
    {
        const int clients = 16, rounds = 200;
        using var replication = new TestReplication();
        using var gateway = new TestGateway(replication: replication);
        var done = 0;
        var working = Enumerable.Range(0, clients).Select(number => Task.Run(() =>
        {
            using var client = gateway.Connect();
            for (var i = 0; i < rounds; i++)
            {
                client.Send(["INCR", $"own{number}"]);
                client.Send(["INCR", "shared"]);
                client.Send(["GET", $"own{number}"]);
                client.Flush();
                Assert.Equal(i + 1, client.Read().AsInteger());
                Assert.Equal(RespKind.Integer, client.Read().Kind);
                Assert.Equal($"{i + 1}", client.Read().Text);
            }

            Interlocked.Increment(ref done);
        })).ToArray();
        Assert.True(Wait.Until(
            () =>
            {
                replication.Commit();
                return Array.TrueForAll(working, task => task.IsCompleted);
            },
            timeoutMs: 60_000));
        await Task.WhenAll(working);
        Assert.Equal(clients, done);
        Assert.Equal(0, replication.Barrier.WaiterCount);
    }

    [Fact]
    public void KeyspaceEvent_LeavesWhenItsChangeIsCommitted()
    {
        _gateway.Config.KeyspaceEvents = KeyspaceEventClasses.Keyspace | KeyspaceEventClasses.All;
        using var subscriber = _gateway.Connect();
        subscriber.Call("SUBSCRIBE", "__keyspace@0__:a");
        Send(_client, "SET", "a", "1");
        AssertHeld(_client, waiters: 2);
        Assert.False(subscriber.HasReceived);
        _replication.Commit();
        Assert.Equal("set", subscriber.Read().Items[2].Text);
        Assert.Equal("OK", _client.Read().Text);
    }

    [Fact]
    public void Publish_WithinExec_LeavesWhenTheTransactionIsCommitted_AndNothingOvertakesIt()
    {
        using var subscriber = _gateway.Connect();
        subscriber.Call("SUBSCRIBE", "news");
        Assert.Equal(1, _other.Call("PUBLISH", "news", "0").AsInteger());
        Assert.Equal("0", subscriber.Read().Items[2].Text);
        _client.Send(["MULTI"]);
        _client.Send(["SET", "a", "1"]);
        _client.Send(["PUBLISH", "news", "1"]);
        Send(_client, "EXEC");
        AssertHeld(_client, waiters: 2);
        Assert.Equal(1, _other.Call("PUBLISH", "news", "2").AsInteger());
        Assert.Equal("PONG", _other.Call("PING").Text);
        Assert.False(subscriber.HasReceived);
        _replication.Commit();
        Assert.Equal("1", subscriber.Read().Items[2].Text);
        Assert.Equal("2", subscriber.Read().Items[2].Text);
    }

    [Fact]
    public void Message_OfALostChange_IsNeverSent()
    {
        using var subscriber = _gateway.Connect();
        subscriber.Call("SUBSCRIBE", "news");
        _client.Send(["MULTI"]);
        _client.Send(["SET", "a", "1"]);
        _client.Send(["PUBLISH", "news", "1"]);
        Send(_client, "EXEC");
        AssertHeld(_client, waiters: 2);
        _replication.Lose();
        Assert.Equal("the server closed the connection", Assert.Throws<IOException>(_client.Read).Message);
        Assert.Equal(1, _other.Call("PUBLISH", "news", "2").AsInteger());
        Assert.Equal("2", subscriber.Read().Items[2].Text);
        Assert.False(_gateway.Server.PubSub.IsCongested);
    }

    private static void Send(RespClient client, params string[] command)
    {
        client.Send(command);
        client.Flush();
    }

    // A turn of the loop has passed since the reply was written, and it has not been sent.
    private void AssertHeld(RespClient client, int waiters = 1)
    {
        _replication.WaitForWaiters(waiters);
        using var observer = _gateway.Connect();
        Assert.Equal("PONG", observer.Call("PING").Text);
        Assert.False(client.HasReceived);
    }

    private void SetRole(string key, SlotRole role)
    {
        var slot = _gateway.Store.SlotOf(System.Text.Encoding.ASCII.GetBytes(key));
        slot.Lock.Enter();
        slot.Role = role;
        slot.Lock.Exit();
    }
}
