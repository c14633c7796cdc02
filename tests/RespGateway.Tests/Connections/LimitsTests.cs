using System.Net;
using System.Net.Sockets;
using OrleansKv.Engine.Configuration;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Connections;

/// <summary>What a client may cost: memory on its way in, in a transaction, on its way out, and its place.</summary>
public sealed class LimitsTests
{
    private const int Names = 40;

    [Fact]
    public void Reader_ThatStops_IsHeldBack()
    {
        using var gateway = new TestGateway();
        using var other = gateway.Connect();
        other.Call("SET", "big", new string('v', 1024 * 1024));
        using var stalled = gateway.Connect();
        for (var i = 0; i < 200; i++) stalled.Send(["GET", "big"]);
        stalled.Flush();
        Assert.True(Wait.Until(() => gateway.Info(other, "mem_clients_normal") > 1024 * 1024));
        Assert.InRange(gateway.Info(other, "mem_clients_normal"), 0, 64 * 1024 * 1024);
        Assert.InRange(gateway.Info(other, "keyspace_hits"), 1, 100);
        for (var i = 0; i < 200; i++) Assert.Equal(1024 * 1024, stalled.Read().Text.Length);
    }

    [Fact]
    public void Reader_ThatStops_DroppedAtItsLimit()
    {
        using var gateway = new TestGateway(config => config.NormalOutputBufferLimit = new OutputBufferLimit(4L << 20, 0, 0));
        using var other = gateway.Connect();
        other.Call("SET", "big", new string('v', 32 * 1024 * 1024));
        using var stalled = gateway.Connect();
        stalled.Send(["GET", "big"]);
        stalled.Flush();
        Assert.True(Wait.Until(() => gateway.Server.Clients.Count == 1));
    }

    [Fact]
    public void Transaction_WhoseRepliesNobodyReads_DoesNotKeepThem()
    {
        using var gateway = new TestGateway(config => config.NormalOutputBufferLimit = new OutputBufferLimit(4L << 20, 0, 0));
        using var other = gateway.Connect();
        other.Call("SET", "big", new string('v', 8 * 1024 * 1024));
        using var stalled = gateway.Connect();
        stalled.Send(["MULTI"]);
        for (var i = 0; i < 100; i++) stalled.Send(["GET", "big"]);
        stalled.Send(["INCR", "done"]);
        stalled.Send(["EXEC"]);
        stalled.Flush();
        Assert.True(Wait.Until(() => other.Call("GET", "done").Text == "1"));
        Assert.True(Wait.Until(() => gateway.Server.Clients.Count == 1));
    }

    [Fact]
    public void Subscriber_ThatStops_DroppedAtItsLimit()
    {
        using var gateway = new TestGateway(config => config.PubSubOutputBufferLimit = new OutputBufferLimit(2L << 20, 0, 0));
        using var publisher = gateway.Connect();
        using var stalled = gateway.Connect();
        stalled.Call("SUBSCRIBE", "news");
        var message = new string('m', 512 * 1024);
        Assert.True(Wait.Until(() => publisher.Call("PUBLISH", "news", message).AsInteger() == 0, 20_000));
        Assert.True(Wait.Until(() => gateway.Server.Clients.Count == 1));
    }

    [Theory]
    [InlineData("WATCH", "UNWATCH", 1)]
    [InlineData("SUBSCRIBE", "UNSUBSCRIBE", Names)]
    [InlineData("PSUBSCRIBE", "PUNSUBSCRIBE", Names)]
    public void Names_ThatAClientHasTheServerKeep_CountAsItsMemory(string keep, string forget, int replies)
    {
        using var gateway = new TestGateway();
        using var other = gateway.Connect();
        using var client = gateway.Connect();
        for (var i = 0; i < Names; i++) client.Call(keep, i + new string('n', 100_000));
        Assert.True(Wait.Until(() => gateway.Info(other, "mem_clients_normal") > Names * 100_000));
        client.Send([forget]);
        client.Flush();
        for (var i = 0; i < replies; i++) client.Read();
        Assert.True(Wait.Until(() => gateway.Info(other, "mem_clients_normal") < Names * 50_000));
    }

    [Fact]
    public void Input_BeyondQueryBufferLimit_ClosesTheClient()
    {
        using var gateway = new TestGateway(config => config.ClientQueryBufferLimitBytes = 1 << 20);
        using var client = gateway.Connect();
        client.SendRaw("*2\r\n$3\r\nGET\r\n$400000000\r\n" + new string('x', 2 << 20));
        Assert.True(IsDropped(client));
    }

    [Fact]
    public void Transaction_BeyondQueryBufferLimit_ClosesTheClient()
    {
        using var gateway = new TestGateway(config => config.ClientQueryBufferLimitBytes = 1 << 20);
        using var client = gateway.Connect();
        client.Send(["MULTI"]);
        for (var i = 0; i < 20_000; i++) client.Send(["PING"]);
        Assert.True(IsDropped(client));
    }

    [Fact]
    public void Input_Unauthenticated_TakesOneMegabyteAtMost()
    {
        using var gateway = new TestGateway(config => config.RequirePass = "secret"u8.ToArray());
        using var client = gateway.Connect();
        client.SendRaw("*1\r\n$16385\r\n");
        client.Flush();
        Assert.Equal("ERR Protocol error: unauthenticated bulk length", client.Read().Text);
        Assert.True(client.WaitForClose());
        using var second = gateway.Connect();
        second.Send(["AUTH", "secret"]);
        second.Send(["ECHO", new string('x', 100_000)]);
        second.Flush();
        Assert.Equal("OK", second.Read().Text);
        Assert.Equal(100_000, second.Read().Text.Length);
    }

    [Fact]
    public void Clients_BeyondMaxClients_AreRefused()
    {
        using var gateway = new TestGateway(config => config.MaxClients = 2);
        using var first = gateway.Connect();
        first.Call("PING");
        using (var second = gateway.Connect())
        {
            second.Call("PING");
            Assert.Equal("-ERR max number of clients reached\r\n", TestGateway.Converse(gateway.Port, []));
            Assert.Equal(1, gateway.Info(first, "rejected_connections"));
        }

        Assert.True(Wait.Until(() => gateway.Server.Clients.Count == 1));
        using var third = gateway.Connect();
        Assert.Equal("PONG", third.Call("PING").Text);
    }

    [Fact]
    public void Client_SilentBeyondTimeout_Closed()
    {
        using var gateway = new TestGateway(config => config.TimeoutSeconds = 1);
        using var silent = gateway.Connect();
        using var blocked = gateway.Connect();
        using var subscriber = gateway.Connect();
        silent.Call("PING");
        subscriber.Call("SUBSCRIBE", "news");
        blocked.Send(["BLPOP", "list", "0"]);
        blocked.Flush();
        Assert.True(silent.WaitForClose());
        using var other = gateway.Connect();
        Assert.Equal(1, other.Call("RPUSH", "list", "a").AsInteger());
        Assert.Equal("a", blocked.Read().Items[1].Text);
        Assert.Equal(1, other.Call("PUBLISH", "news", "x").AsInteger());
    }

    [Fact]
    public void Password_SetAtRunTime_AsksNewClientsOnly()
    {
        using var gateway = new TestGateway();
        using var old = gateway.Connect();
        old.Call("PING");
        gateway.Config.RequirePass = "secret"u8.ToArray();
        Assert.Equal("PONG", old.Call("PING").Text);
        using var client = gateway.Connect();
        Assert.Equal("NOAUTH Authentication required.", client.Call("PING").Text);
        Assert.Equal("WRONGPASS invalid username-password pair or user is disabled.", client.Call("AUTH", "wrong").Text);
        Assert.Equal("OK", client.Call("AUTH", "default", "secret").Text);
        Assert.Equal("PONG", client.Call("PING").Text);
        using var late = gateway.Connect();
        Assert.True(late.Call("PING").IsError);
        gateway.Config.RequirePass = null;
        Assert.Equal("PONG", late.Call("PING").Text);
    }

    // The server may close while the client still sends.
    private static bool IsDropped(RespClient client)
    {
        try
        {
            client.Flush();
        }
        catch (SocketException)
        {
            return true;
        }

        return client.WaitForClose();
    }
}
