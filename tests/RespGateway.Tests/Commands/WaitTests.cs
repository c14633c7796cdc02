using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Commands;

public sealed class WaitTests : IDisposable
{
    private readonly TestReplication _replication = new();
    private readonly TestGateway _gateway;
    private readonly RespClient _client;
    private readonly RespClient _other;

    public WaitTests()
    {
        _replication.CommitTo(long.MaxValue);
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

    [Theory]
    [InlineData("x", "0", "ERR value is not an integer or out of range")]
    [InlineData("1", "x", "ERR timeout is not an integer or out of range")]
    [InlineData("1", "-1", "ERR timeout is negative")]
    [InlineData("-1", "0", "0")]
    [InlineData("0", "0", "0")]
    [InlineData("1", "1", "0")]
    public void Wait_WithoutReplicas_RepliesAsRedis(string count, string timeout, string expected)
    {
        Assert.Equal(expected, _client.Call("WAIT", count, timeout).Text);
        using var alone = new TestGateway();
        using var client = alone.Connect();
        Assert.Equal(expected, client.Call("WAIT", count, timeout).Text);
    }

    [Fact]
    public void Wait_EndsWhenEnoughReplicasHaveTheClientsLastWrite()
    {
        _client.Call("SET", "a", "1");
        var lsn = _replication.Journal.LastLsn;
        _other.Call("SET", "b", "1");
        Send(_client, "WAIT", "2", "0");
        _gateway.WaitForBlocked(_other, 1);
        _replication.Acknowledge(lsn, lsn - 1, 0);
        Assert.Equal("PONG", _other.Call("PING").Text);
        Assert.False(_client.HasReceived);
        _replication.Acknowledge(lsn, lsn, 0);
        Assert.Equal(2, _client.Read().AsInteger());
        Assert.Equal(0, _gateway.Info(_other, "blocked_clients"));
        Assert.Equal(2, _client.Call("WAIT", "1", "0").AsInteger());
        Assert.Equal(3, _replication.CountAcknowledged(0));
    }

    [Fact]
    public void Wait_InThePipelineOfItsWrite_WaitsForThat()
    {
        _replication.Acknowledge(0);
        _client.Send(["SET", "a", "1"]);
        _client.Send(["WAIT", "1", "0"]);
        Send(_client, "PING");
        Assert.Equal("OK", _client.Read().Text);
        _gateway.WaitForBlocked(_other, 1);
        Assert.False(_client.HasReceived);
        _replication.Acknowledge(_replication.Journal.LastLsn);
        Assert.Equal(1, _client.Read().AsInteger());
        Assert.Equal("PONG", _client.Read().Text);
    }

    [Fact]
    public void Wait_BehindAReplyThatIsNotCommitted_WaitsForIt()
    {
        _replication.CommitTo(0);
        _client.Send(["SET", "a", "1"]);
        Send(_client, "WAIT", "1", "0");
        _replication.WaitForWaiters(1);
        _replication.Acknowledge(long.MaxValue);
        Assert.Equal("PONG", _other.Call("PING").Text);
        Assert.False(_client.HasReceived);
        _replication.Commit();
        Assert.Equal("OK", _client.Read().Text);
        Assert.Equal(1, _client.Read().AsInteger());
    }

    [Fact]
    public void Wait_OfAClientThatWroteNothing_CountsAllReplicas()
    {
        _other.Call("SET", "a", "1");
        _replication.Acknowledge(0, 0);
        Assert.Equal(2, _client.Call("WAIT", "2", "0").AsInteger());
    }

    [Fact]
    public void Wait_InTransaction_DoesNotWait()
    {
        _client.Call("SET", "a", "1");
        _client.Call("MULTI");
        _client.Call("WAIT", "1", "0");
        Assert.Equal(0, _client.Call("EXEC").Items[0].AsInteger());
    }

    [Theory]
    [InlineData("TIMEOUT", RespKind.Integer, "0")]
    [InlineData("ERROR", RespKind.Error, "UNBLOCKED client unblocked via CLIENT UNBLOCK")]
    public void ClientUnblock_EndsWait(string how, RespKind kind, string text)
    {
        var id = _client.Call("CLIENT", "ID").Text;
        Send(_client, "WAIT", "1", "0");
        _gateway.WaitForBlocked(_other, 1);
        Assert.Equal(1, _other.Call("CLIENT", "UNBLOCK", id, how).AsInteger());
        var reply = _client.Read();
        Assert.Equal((kind, text), (reply.Kind, reply.Text));
        Assert.Equal(0, _other.Call("CLIENT", "UNBLOCK", id, how).AsInteger());
    }

    [Fact]
    public void ClientKill_EndsWait()
    {
        var id = _client.Call("CLIENT", "ID").Text;
        Send(_client, "WAIT", "1", "0");
        _gateway.WaitForBlocked(_other, 1);
        Assert.Equal(1, _other.Call("CLIENT", "KILL", "ID", id).AsInteger());
        Assert.True(_client.WaitForClose());
        _replication.Acknowledge(long.MaxValue);
        Assert.Equal("PONG", _other.Call("PING").Text);
    }

    [Fact]
    public void Write_WithFewerReplicasThanItNeeds_IsRefused()
    {
        _gateway.Config.MinReplicasToWrite = 2;
        SetGood(1);
        var asked = _replication.GoodAsked;
        Assert.Equal(NoReplicas, _client.Call("SET", "a", "1").Text);
        Assert.Equal(RespKind.NullBulk, _client.Call("GET", "a").Kind);
        Assert.InRange(_replication.GoodAsked, asked, asked + 1);
        SetGood(2);
        Assert.Equal("OK", _client.Call("SET", "a", "1").Text);
        SetGood(0);
        Assert.Equal(NoReplicas, _client.Call("DEL", "a").Text);
        _gateway.Config.MinReplicasMaxLagSeconds = 0;
        Assert.Equal(1, _client.Call("DEL", "a").AsInteger());
    }

    [Fact]
    public void Transaction_WithFewerReplicasThanItsWritesNeed_IsRefused()
    {
        _gateway.Config.MinReplicasToWrite = 1;
        SetGood(0);
        _client.Call("MULTI");
        Assert.Equal(NoReplicas, _client.Call("SET", "a", "1").Text);
        Assert.Equal("EXECABORT Transaction discarded because of previous errors.", _client.Call("EXEC").Text);
        SetGood(1);
        _client.Call("MULTI");
        Assert.Equal("QUEUED", _client.Call("SET", "a", "1").Text);
        SetGood(0);
        Assert.Equal($"EXECABORT Transaction discarded because of: {NoReplicas}", _client.Call("EXEC").Text);
        _client.Call("MULTI");
        Assert.Equal("QUEUED", _client.Call("GET", "a").Text);
        Assert.Equal(RespKind.NullBulk, _client.Call("EXEC").Items[0].Kind);
    }

    private const string NoReplicas = "NOREPLICAS Not enough good replicas to write.";

    // What the loop has counted holds for a millisecond.
    private void SetGood(int count)
    {
        _replication.Good = count;
        var nowMs = _gateway.Store.Clock.NowMs;
        Assert.True(Wait.Until(() => _gateway.Store.Clock.NowMs > nowMs));
    }

    private static void Send(RespClient client, params string[] command)
    {
        client.Send(command);
        client.Flush();
    }
}
