using OrleansKv.Engine.Configuration;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.PubSub;

public sealed class PubSubTests
{
    [Fact]
    public void Publish_ToOneself_MessageFollowsItsReply()
    {
        using var gateway = new TestGateway();
        using var client = Resp3(gateway);
        client.Call("SUBSCRIBE", "news");
        for (var i = 0; i < 100; i++)
        {
            client.Send(["PUBLISH", "news", $"m{i}"]);
            client.Send(["ECHO", $"e{i}"]);
        }

        client.Flush();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(1, client.Read().AsInteger());
            var push = client.Read();
            Assert.Equal((RespKind.Push, $"m{i}"), (push.Kind, push.Items[2].Text));
            Assert.Equal($"e{i}", client.Read().Text);
        }
    }

    [Fact]
    public void Publish_InTransaction_MessagesFollowTheWholeReply()
    {
        using var gateway = new TestGateway();
        using var client = Resp3(gateway);
        client.Call("SUBSCRIBE", "news");
        client.Call("MULTI");
        client.Call("PUBLISH", "news", "a");
        client.Call("PUBLISH", "news", "b");
        Assert.Equal(["1", "1"], client.Call("EXEC").Items.Select(item => item.Text));
        Assert.Equal("a", client.Read().Items[2].Text);
        Assert.Equal("b", client.Read().Items[2].Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Publish_ToClientsOnAllLoops_EachGetsEveryMessageInOrder(int loops)
    {
        const int messages = 500;
        using var gateway = new TestGateway(config => config.IoThreads = loops);
        using var publisher = gateway.Connect();
        var subscribers = Enumerable.Range(0, 7).Select(_ => gateway.Connect()).ToArray();
        foreach (var subscriber in subscribers)
        {
            subscriber.Call("SUBSCRIBE", "news");
            subscriber.Call("PSUBSCRIBE", "n*");
        }

        for (var i = 0; i < messages; i++) publisher.Send(["PUBLISH", "news", $"{i}"]);
        publisher.Flush();
        for (var i = 0; i < messages; i++) Assert.Equal(14, publisher.Read().AsInteger());
        foreach (var subscriber in subscribers)
        {
            for (var i = 0; i < messages; i++)
            {
                Assert.Equal(["message", "news", $"{i}"], subscriber.Read().Items.Select(item => item.Text));
                Assert.Equal(["pmessage", "n*", "news", $"{i}"], subscriber.Read().Items.Select(item => item.Text));
            }

            subscriber.Dispose();
        }

        Assert.True(Wait.Until(() => publisher.Call("PUBLISH", "news", "gone").AsInteger() == 0));
    }

    [Fact]
    public void Publish_ToManyPatterns_CopiesThePayloadOnce()
    {
        const int patterns = 200;
        using var gateway = new TestGateway(config => config.PubSubOutputBufferLimit = new OutputBufferLimit(2L << 20, 0, 0));
        using var client = gateway.Connect();
        for (var i = 0; i < patterns; i++) client.Call("PSUBSCRIBE", $"news*{new string('*', i)}");
        var payload = new byte[1 << 20];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(patterns, gateway.Server.PubSub.Publish(isShard: false, "news"u8, payload));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, payload.Length, 2 * payload.Length);
    }

    [Fact]
    public void KeyspaceEvents_OfOnesOwnCommand_FollowItsReply()
    {
        using var gateway = new TestGateway(config => config.KeyspaceEvents = KeyspaceEventClasses.KeyEvent | KeyspaceEventClasses.String);
        using var client = Resp3(gateway);
        client.Call("PSUBSCRIBE", "*");
        Assert.Equal("OK", client.Call("SET", "a", "1").Text);
        Assert.Equal(["pmessage", "*", "__keyevent@0__:set", "a"], client.Read().Items.Select(item => item.Text));
    }

    [Fact]
    public void Subscribe_WithRepliesOff_IsStillConfirmed()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Send(["CLIENT", "REPLY", "OFF"]);
        client.Send(["PING"]);
        client.Send(["SUBSCRIBE", "news"]);
        client.Flush();
        Assert.Equal("subscribe", client.Read().Items[0].Text);
        using var publisher = gateway.Connect();
        Assert.Equal(1, publisher.Call("PUBLISH", "news", "x").AsInteger());
        Assert.Equal("message", client.Read().Items[0].Text);
    }

    private static RespClient Resp3(TestGateway gateway)
    {
        var client = gateway.Connect();
        client.Call("HELLO", "3");
        return client;
    }
}
