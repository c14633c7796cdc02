using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Connections;

public sealed class SessionTests
{
    [Fact]
    public void ClientReply_Skip_LeavesOutOneReply()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Send(["CLIENT", "REPLY", "SKIP"]);
        client.Send(["ECHO", "unheard"]);
        client.Send(["ECHO", "heard"]);
        client.Flush();
        Assert.Equal("heard", client.Read().Text);
    }

    [Fact]
    public void ClientReply_SkipOfACommandHeldByAPause_StillSkipsIt()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        using var other = gateway.Connect();
        other.Call("CLIENT", "PAUSE", "100000", "WRITE");
        client.Send(["CLIENT", "REPLY", "SKIP"]);
        client.Send(["SET", "a", "1"]);
        client.Send(["ECHO", "heard"]);
        client.Flush();
        gateway.WaitForBlocked(other, 1);
        other.Call("CLIENT", "UNPAUSE");
        Assert.Equal("heard", client.Read().Text);
        Assert.Equal("1", other.Call("GET", "a").Text);
    }

    [Fact]
    public void ClientReply_Off_LeavesOutAllUntilOn()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Send(["CLIENT", "REPLY", "OFF"]);
        client.Send(["SET", "a", "1"]);
        client.Send(["NOSUCH"]);
        client.Send(["CLIENT", "REPLY", "ON"]);
        client.Send(["GET", "a"]);
        client.Flush();
        Assert.Equal("OK", client.Read().Text);
        Assert.Equal("1", client.Read().Text);
    }

    [Theory]
    [InlineData("HELLO 4", "NOPROTO unsupported protocol version")]
    [InlineData("HELLO x", "ERR Protocol version is not an integer or out of range")]
    [InlineData("HELLO 3 FOO", "ERR Syntax error in HELLO option 'FOO'")]
    [InlineData("HELLO 3 AUTH default", "ERR Syntax error in HELLO option 'AUTH'")]
    [InlineData("HELLO 3 AUTH nobody secret", "WRONGPASS invalid username-password pair or user is disabled.")]
    public void Hello_WithMistakes_SaysWhich(string line, string error)
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        Assert.Equal(error, client.Call(line.Split(' ')).Text);
        Assert.Equal(RespKind.NullBulk, client.Call("GET", "nothing").Kind);
    }

    [Fact]
    public void Hello_WithNameAndVersion_TakesBoth()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        var greeting = client.Call("HELLO", "3", "SETNAME", "me");
        Assert.Equal(RespKind.Map, greeting.Kind);
        Assert.Equal("me", client.Call("CLIENT", "GETNAME").Text);
        Assert.Equal(RespKind.Array, client.Call("HELLO", "2").Kind);
    }

    [Fact]
    public void ClientList_OfAClientInTransaction_ShowsItsState()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        using var other = gateway.Connect();
        client.Call("CLIENT", "SETNAME", "me");
        client.Call("SELECT", "3");
        client.Call("MULTI");
        client.Call("SET", "a", "1");
        var id = 1;
        var line = other.Call("CLIENT", "LIST", "ID", $"{id}").Text;
        Assert.Contains(" name=me ", line, StringComparison.Ordinal);
        Assert.Contains(" flags=x db=3 ", line, StringComparison.Ordinal);
        Assert.Contains(" multi=1 qbuf=0 ", line, StringComparison.Ordinal);
        Assert.Contains(" cmd=set user=default ", line, StringComparison.Ordinal);
        Assert.Contains(" argv-mem=10 ", other.Call("CLIENT", "LIST").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Exec_RefusedForMemory_EndsTheTransaction()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Call("MULTI");
        client.Call("SET", "a", "1");
        gateway.Config.MaxMemoryBytes = 1;
        Assert.Equal("OOM command not allowed when used memory > 'maxmemory'.", client.Call("GET", "a").Text);
        Assert.Equal(
            "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.", client.Call("EXEC").Text);
        Assert.Equal("ERR EXEC without MULTI", client.Call("EXEC").Text);
        Assert.Equal(RespKind.NullBulk, client.Call("GET", "a").Kind);
        Assert.True(client.Call("SET", "a", "1").IsError);
    }

    [Fact]
    public void Debug_InTransaction_LooksAtKeysThatItHolds()
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Call("MULTI");
        client.Call("RPUSH", "list", "a", "b");
        client.Call("DEBUG", "OBJECT", "list");
        client.Call("DEBUG", "DIGEST-VALUE", "list");
        client.Call("DEBUG", "DIGEST");
        var replies = client.Call("EXEC").Items;
        Assert.Contains($"encoding:{client.Call("OBJECT", "ENCODING", "list").Text} ", replies[1].Text, StringComparison.Ordinal);
        Assert.Equal(40, replies[2].Items[0].Text.Length);
        Assert.Equal(replies[3].Text, client.Call("DEBUG", "DIGEST").Text);
    }

    [Theory]
    [InlineData("SADD a x y z", "SADD b z y x", true)]
    [InlineData("HSET a f 1 g 2", "HSET b g 2 f 1", true)]
    [InlineData("RPUSH a x y", "RPUSH b y x", false)]
    [InlineData("ZADD a 1 x 2 y", "ZADD b 2 y 1 x", true)]
    [InlineData("ZADD a 1 x", "ZADD b 2 x", false)]
    [InlineData("SET a x", "SET b x", true)]
    [InlineData("SET a x", "SET b x EX 100", false)]
    public void DebugDigestValue_OfTwoKeys_EqualForEqualContents(string first, string second, bool equal)
    {
        using var gateway = new TestGateway();
        using var client = gateway.Connect();
        client.Call(first.Split(' '));
        client.Call(second.Split(' '));
        var digests = client.Call("DEBUG", "DIGEST-VALUE", "a", "b").Items;
        Assert.Equal(equal, digests[0].Text == digests[1].Text);
    }
}
