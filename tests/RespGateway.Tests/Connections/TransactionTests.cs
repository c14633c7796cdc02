using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Connections;

/// <summary>EXEC holds slot locks while its commands run: none of them may wait for one.</summary>
public sealed class TransactionTests
{
    [Theory]
    [InlineData("INFO everything")]
    [InlineData("DBSIZE")]
    [InlineData("KEYS *")]
    [InlineData("SCAN 0")]
    [InlineData("RANDOMKEY")]
    [InlineData("SWAPDB 0 1")]
    [InlineData("FLUSHALL")]
    [InlineData("CLIENT LIST")]
    [InlineData("CLIENT KILL ID 999999")]
    [InlineData("CLIENT UNBLOCK 999999")]
    [InlineData("CONFIG GET *")]
    [InlineData("CONFIG RESETSTAT")]
    [InlineData("COMMAND")]
    [InlineData("DEBUG HTSTATS 0")]
    [InlineData("DEBUG DIGEST")]
    [InlineData("DEBUG OBJECT volatile")]
    [InlineData("DEBUG POPULATE 100")]
    [InlineData("MEMORY USAGE volatile")]
    [InlineData("OBJECT ENCODING volatile")]
    [InlineData("PUBLISH channel message")]
    [InlineData("PUBSUB CHANNELS")]
    [InlineData("UNWATCH")]
    [InlineData("TIME")]
    public void Exec_CommandOnTheServer_BesideAKeyThatExpires_Ends(string line)
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Call("SET", "volatile", "1", "EX", "100");
        client.Call("WATCH", "volatile");
        client.Call("MULTI");
        client.Call("SET", "other", "1", "EX", "100");
        Assert.Equal("QUEUED", client.Call(line.Split(' ')).Text);
        Assert.Equal(2, client.Call("EXEC").Items.Count);
        Assert.Equal("PONG", client.Call("PING").Text);
        Assert.Empty(gateway.Errors);
    }
}
