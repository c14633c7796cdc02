using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Tests;

/// <summary>The store through its grains on TestingHost's cluster of two silos, each with its share of the slots.</summary>
public sealed class TestClusterKvTests(KvTestCluster cluster) : KvTests(cluster), IClassFixture<KvTestCluster>
{
    private readonly KvTestCluster _cluster = cluster;

    [Fact]
    public async Task SlotGrain_Deactivated_DropsNothing()
    {
        await _cluster.Kv.SetAsync("kept", "value");

        await _cluster.DeactivateAsync(_cluster.Client.GetGrain<ISlotGrain>(SlotHash.Of("kept"u8)));

        Assert.NotNull(await _cluster.Kv.GetAsync("kept"));
    }
}

public sealed class KvTestCluster : IKvCluster, IAsyncLifetime
{
    private readonly TestCluster _cluster = new TestClusterBuilder(initialSilosCount: 2)
        .AddSiloBuilderConfigurator<Configurator>()
        .AddClientBuilderConfigurator<ClientConfigurator>()
        .Build();

    public IClusterClient Client => _cluster.Client;

    public IKvClient Kv => _cluster.ServiceProvider.GetRequiredService<IKvClient>();

    /// <summary>Deactivates the grain and waits until it is.</summary>
    public Task DeactivateAsync(IGrain grain) => _cluster.DeactivateAsync(grain);

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    private sealed class Configurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => siloBuilder.AddOrleansKv();
    }

    private sealed class ClientConfigurator : IClientBuilderConfigurator
    {
        public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
            clientBuilder.AddOrleansKvClient();
    }
}
