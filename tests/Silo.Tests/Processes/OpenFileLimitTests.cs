using Microsoft.Extensions.Logging.Abstractions;
using OrleansKv.Engine.Configuration;
using OrleansKv.Silo.Processes;

namespace OrleansKv.Silo.Tests.Processes;

public sealed class OpenFileLimitTests
{
    private readonly ServerConfig _config = new() { MaxClients = 1000 };

    [Fact]
    public void Fit_EnoughFiles_KeepsMaxClients()
    {
        Assert.True(new OpenFileLimit(1000 + OpenFileLimit.Reserved).Fit(_config, NullLogger.Instance));
        Assert.Equal(1000, _config.MaxClients);
    }

    [Fact]
    public void Fit_FewFiles_LowersMaxClients()
    {
        Assert.True(new OpenFileLimit(OpenFileLimit.Reserved + 10).Fit(_config, NullLogger.Instance));
        Assert.Equal(10, _config.MaxClients);
    }

    [Fact]
    public void Fit_NoFiles_Fails() => Assert.False(new OpenFileLimit(OpenFileLimit.Reserved).Fit(_config, NullLogger.Instance));

    [Fact]
    public void Check_TooMany_SaysHowManyFit()
    {
        var limit = new OpenFileLimit(OpenFileLimit.Reserved + 10);

        Assert.Equal(
            "The operating system is not able to handle the specified number of clients, try with 10", limit.Check(_config));
        _config.MaxClients = 10;
        Assert.Null(limit.Check(_config));
    }

    [Fact]
    public void OfProcess_HasRoomForClients() => Assert.True(OpenFileLimit.OfProcess().MaxClients > 0);
}
