using OrleansKv.Engine.Configuration;
using OrleansKv.RespGateway.Server;

namespace OrleansKv.RespGateway.Tests.Server;

public sealed class ClientEvictionTests
{
    [Theory]
    [InlineData(0, 1000, long.MaxValue)]
    [InlineData(-5, 0, long.MaxValue)]
    [InlineData(-5, 100_000_000, 5_000_000)]
    [InlineData(7_000_000, 0, 7_000_000)]
    [InlineData(1, 0, 131_072)]
    public void LimitBytes_BytesOrPercent_IsWhatAllClientsMayTake(long maxMemoryClients, long maxMemoryBytes, long expected) => Assert.Equal(
        expected, ClientEviction.LimitBytes(new ServerConfig { MaxMemoryClients = maxMemoryClients, MaxMemoryBytes = maxMemoryBytes }));
}
