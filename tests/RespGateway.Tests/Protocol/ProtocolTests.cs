using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Protocol;

public sealed class ProtocolTests
{
    [ToolFact("redis-server")]
    public void Input_OfEveryKind_AnsweredAsByRedis()
    {
        using var redis = Support.TestServer.StartRedis();
        using var gateway = new TestGateway();
        foreach (var input in ProtocolInputs.Texts)
        {
            var bytes = ProtocolInputs.BytesOf(input);
            var expected = TestGateway.Converse(redis.Port, bytes);
            Assert.True(expected == TestGateway.Converse(gateway.Port, bytes), $"{RespValue.Quote(input)} whole: Redis answers {RespValue.Quote(expected)}");
            // Who goes on sending to a server that has closed may lose its last words.
            if (expected.Contains("-ERR Protocol error", StringComparison.Ordinal)) continue;
            var answer = TestGateway.Converse(gateway.Port, ReaderHarness.Bytes(bytes));
            Assert.True(expected == answer, $"{RespValue.Quote(input)} byte by byte: {RespValue.Quote(answer)}, Redis {RespValue.Quote(expected)}");
        }
    }

    [Fact]
    public void RandomBytes_FromSeeds_HarmNobody()
    {
        using var gateway = new TestGateway();
        using var other = gateway.Connect();
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 5000)];
            random.NextBytes(bytes);
            if (seed % 2 == 0) bytes[0] = (byte)'*';
            TestGateway.Converse(gateway.Port, bytes);
            Assert.Equal("PONG", other.Call("PING").Text);
        }

        Assert.True(Wait.Until(() => gateway.Server.Clients.Count == 1));
    }

    [Fact]
    public void BrowserRequest_PostOrHost_ClosedWithoutAnswer()
    {
        using var gateway = new TestGateway();
        var warnings = new System.Collections.Concurrent.ConcurrentQueue<string>();
        gateway.Server.Warned = warnings.Enqueue;
        Assert.Equal("", TestGateway.Converse(gateway.Port, "POST / HTTP/1.1\r\nHost: localhost\r\n\r\nPING\r\n"u8.ToArray()));
        Assert.Contains("SECURITY ATTACK", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Value_OfHundredMegabytes_GoesInAndOut()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect(60_000);
        var value = new string('v', 100 * 1024 * 1024);
        Assert.Equal("OK", client.Call("SET", "big", value).Text);
        Assert.Equal(value.Length, client.Call("STRLEN", "big").AsInteger());
        Assert.Equal(value, client.Call("GET", "big").Text);
        Assert.Equal(1, client.Call("UNLINK", "big").AsInteger());
    }
}
