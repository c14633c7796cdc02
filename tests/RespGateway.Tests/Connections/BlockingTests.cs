using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Connections;

public sealed class BlockingTests
{
    [Theory]
    [InlineData(new string[0], RespKind.NullArray, "")]
    [InlineData(new[] { "TIMEOUT" }, RespKind.NullArray, "")]
    [InlineData(new[] { "ERROR" }, RespKind.Error, "UNBLOCKED client unblocked via CLIENT UNBLOCK")]
    public void ClientUnblock_OfAWaitingClient_EndsTheWait(string[] how, RespKind kind, string text)
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        using var other = gateway.Connect();
        var id = client.Call("CLIENT", "ID").Text;
        Assert.Equal(0, other.Call("CLIENT", "UNBLOCK", id).AsInteger());
        client.Send(["BLPOP", "list", "0"]);
        client.Flush();
        gateway.WaitForBlocked(other, 1);
        Assert.Equal(1, other.Call(["CLIENT", "UNBLOCK", id, .. how]).AsInteger());
        var reply = client.Read();
        Assert.Equal((kind, text), (reply.Kind, reply.Text));
        Assert.Equal(0, other.Call("CLIENT", "UNBLOCK", id).AsInteger());
        Assert.Equal(1, other.Call("RPUSH", "list", "kept").AsInteger());
        Assert.Equal("kept", client.Call("LPOP", "list").Text);
    }

    [Fact]
    public void ClientKill_OfAWaitingClient_LeavesTheElementToOthers()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        using var other = gateway.Connect();
        var id = client.Call("CLIENT", "ID").Text;
        client.Send(["BLPOP", "list", "0"]);
        client.Flush();
        gateway.WaitForBlocked(other, 1);
        Assert.Equal(1, other.Call("CLIENT", "KILL", "ID", id).AsInteger());
        Assert.True(client.WaitForClose());
        Assert.True(Wait.Until(() => gateway.Server.Clients.Count == 1));
        other.Call("RPUSH", "list", "kept");
        Assert.Equal("kept", other.Call("LPOP", "list").Text);
    }

    [Fact]
    public void BlockingCommand_InTransaction_DoesNotWait()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Call("MULTI");
        client.Call("BLPOP", "list", "0");
        client.Call("RPUSH", "list", "a");
        client.Call("BRPOP", "list", "0");
        var replies = client.Call("EXEC").Items;
        Assert.Equal(RespKind.NullArray, replies[0].Kind);
        Assert.Equal("a", replies[2].Items[1].Text);
    }

    [Fact]
    public void Pipeline_BehindABlockingCommand_WaitsForItsReply()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        using var other = gateway.Connect();
        client.Send(["BLPOP", "list", "0"]);
        client.Send(["LPOP", "list"]);
        client.Send(["PING"]);
        client.Flush();
        gateway.WaitForBlocked(other, 1);
        other.Call("RPUSH", "list", "a", "b");
        Assert.Equal("a", client.Read().Items[1].Text);
        Assert.Equal("b", client.Read().Text);
        Assert.Equal("PONG", client.Read().Text);
    }

    [Fact]
    public async Task ServingAndTimeouts_AtTheSameTime_LoseNothingAndAnswerOnce()
    {
        const int rounds = 300;
        using var gateway = new TestGateway();
        var popped = 0;
        var waiting = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using var client = gateway.Connect();
            for (var i = 0; i < rounds; i++)
                if (client.Call("BLPOP", "list", "0.001").Kind == RespKind.Array) Interlocked.Increment(ref popped);
            Assert.Equal("PONG", client.Call("PING").Text);
        })).ToArray();
        using var pusher = gateway.Connect();
        var pushed = 0;
        while (!Array.TrueForAll(waiting, task => task.IsCompleted))
        {
            pusher.Call("RPUSH", "list", "x");
            pushed++;
        }

        await Task.WhenAll(waiting);
        Assert.Equal(pushed, popped + pusher.Call("LLEN", "list").AsInteger());
        Assert.Equal(0, gateway.Info(pusher, "blocked_clients"));
    }

    [Fact]
    public void ClientPause_ForWrites_HoldsWritesUntilUnpause()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        using var other = gateway.Connect();
        other.Call("CLIENT", "PAUSE", "100000", "WRITE");
        client.Send(["GET", "a"]);
        client.Send(["SET", "a", "1"]);
        client.Send(["GET", "a"]);
        client.Flush();
        Assert.Equal(RespKind.NullBulk, client.Read().Kind);
        gateway.WaitForBlocked(other, 1);
        Assert.Equal(RespKind.NullBulk, other.Call("GET", "a").Kind);
        other.Call("CLIENT", "UNPAUSE");
        Assert.Equal("OK", client.Read().Text);
        Assert.Equal("1", client.Read().Text);
    }
}
