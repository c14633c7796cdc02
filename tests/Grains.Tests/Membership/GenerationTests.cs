using System.Net;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansKv.Grains.Membership;

namespace OrleansKv.Grains.Tests.Membership;

/// <summary>A process that starts again at once must not have the name of the incarnation before it.</summary>
public sealed class GenerationTests : IDisposable
{
    private static readonly IPEndPoint Endpoint = new(IPAddress.Loopback, 17000);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task AwaitGeneration_NewCluster_IsThereAtOnce() => AwaitAsync();

    [Fact]
    public async Task AwaitGeneration_StartedInTheSameSecond_WaitsForTheNext()
    {
        int taken = SiloAddress.AllocateNewGeneration() + 1;
        await InsertAsync(SiloAddress.New(Endpoint, taken));

        await AwaitAsync();

        Assert.True(SiloAddress.AllocateNewGeneration() > taken);
    }

    [Fact]
    public async Task AwaitGeneration_OthersStartedLater_DoesNotWaitForThem()
    {
        await InsertAsync(SiloAddress.New(IPAddress.Loopback, Endpoint.Port + 1, int.MaxValue));

        await AwaitAsync();
    }

    [Fact]
    public async Task AwaitGeneration_ClockSetBack_SaysSo()
    {
        await InsertAsync(SiloAddress.New(Endpoint, SiloAddress.AllocateNewGeneration() + 3600));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(AwaitAsync);
        Assert.Contains("started in the future", error.Message, StringComparison.Ordinal);
    }

    private Task AwaitAsync() => FileClustering.AwaitGenerationAsync(_directory.Path, Endpoint, TimeProvider.System);

    private async Task InsertAsync(SiloAddress silo)
    {
        var table = new FileMembershipTable(
            Options.Create(new FileClusteringOptions { Directory = _directory.Path }), Options.Create(new ClusterOptions()));
        await table.InitializeMembershipTable(true);
        var entry = new MembershipEntry { SiloAddress = silo, Status = SiloStatus.Dead, SiloName = "silo", HostName = "host" };
        Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
    }
}
