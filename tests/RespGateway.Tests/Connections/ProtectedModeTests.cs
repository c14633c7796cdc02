using OrleansKv.Engine.Configuration;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Tests.Connections;

public sealed class ProtectedModeTests
{
    [Theory]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("127.9.9.9:1", true)]
    [InlineData("[::1]:1", true)]
    [InlineData("/tmp/socket:0", true)]
    [InlineData("10.0.0.1:1", false)]
    [InlineData("[fe80::1]:1", false)]
    public void Refuses_DefaultConfiguration_OnlyForeignClients(string remoteAddress, bool isLocal)
    {
        Assert.Equal(isLocal, ProtectedMode.IsLocal(remoteAddress));
        Assert.Equal(!isLocal, ProtectedMode.Refuses(new ServerConfig(), remoteAddress));
    }

    [Fact]
    public void Refuses_WithPasswordOrSwitchedOff_Nobody()
    {
        Assert.False(ProtectedMode.Refuses(new ServerConfig { RequirePass = [1] }, "10.0.0.1:1"));
        Assert.False(ProtectedMode.Refuses(new ServerConfig { ProtectedMode = false }, "10.0.0.1:1"));
    }

    [Fact]
    public void Refusal_IsOneErrorLine()
    {
        Assert.True(ProtectedMode.Refusal.StartsWith("-DENIED OrleansKv is running in protected mode"u8));
        Assert.Equal(ProtectedMode.Refusal.Length - 2, ProtectedMode.Refusal.IndexOf("\r\n"u8));
    }
}
