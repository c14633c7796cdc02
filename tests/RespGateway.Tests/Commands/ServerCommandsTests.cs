using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Commands;

public sealed class ServerCommandsTests
{
    [Theory]
    [InlineData("DEBUG SLEEP -0.001", "ERR value is out of range")]
    [InlineData("DEBUG SLEEP 1e300", "ERR value is out of range")]
    [InlineData("DEBUG SLEEP 3600.5", "ERR value is out of range")]
    [InlineData("DEBUG STRINGMATCH-LEN 536870913 *", "ERR value is out of range")]
    [InlineData("DEBUG STRINGMATCH-LEN -1 *", "ERR value is out of range")]
    [InlineData("SHUTDOWN SAVE", "ERR SHUTDOWN SAVE: this version has no snapshots to save")]
    public void Command_BeyondWhatTheServerDoes_IsRefused(string line, string error)
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        var reply = client.Call(line.Split(' '));
        Assert.Equal((RespKind.Error, error), (reply.Kind, reply.Text));
        Assert.Equal("OK", client.Call("DEBUG", "SLEEP", "0").Text);
    }

    [Fact]
    public void Info_TimeoutTable_HasOnlyWaitsWithALimit()
    {
        using var gateway = new TestGateway();
        using var forEver = gateway.Connect();
        using var forATime = gateway.Connect();
        using var other = gateway.Connect();
        forEver.Send(["BLPOP", "list", "0"]);
        forEver.Flush();
        forATime.Send(["BLPOP", "list", "1000"]);
        forATime.Flush();
        gateway.WaitForBlocked(other, 2);
        Assert.Equal(1, gateway.Info(other, "clients_in_timeout_table"));
    }
}
