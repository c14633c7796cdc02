using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Two silos in this process, as Orleans's own tests run them; every call crosses a socket.</summary>
public sealed class TestingHostCluster : ICluster, IAsyncLifetime
{
    private readonly TestCluster _cluster =
        new TestClusterBuilder(initialSilosCount: 2).AddSiloBuilderConfigurator<Configurator>().Build();

    public IClusterClient Client => _cluster.Client;

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    private sealed class Configurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder) => SiloSetup.Configure(siloBuilder);
    }
}

[CollectionDefinition(Name)]
public sealed class OnTestCluster : ICollectionFixture<TestingHostCluster>
{
    public const string Name = "test cluster";
}
