using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Tests;

/// <summary>A cluster with the store in it, and a client of it.</summary>
public interface IKvCluster
{
    IClusterClient Client { get; }

    IKvClient Kv { get; }
}

/// <summary>A silo in one host and a client in another, as an application embeds them.</summary>
public class KvHost : IKvCluster, IAsyncLifetime
{
    private const string ClusterId = "grains-tests";

    // Below the range that the system takes ports of outgoing connections from.
    private static int s_lastPort = 29000 + (Environment.ProcessId % 100 * 10);

    private readonly IHost _silo;
    private readonly IHost _client;

    public KvHost()
        : this(_ => { })
    {
    }

    protected KvHost(Action<ISiloBuilder> configure)
    {
        var siloPort = Interlocked.Increment(ref s_lastPort);
        var gatewayPort = siloPort + 1000;
        var silo = Host.CreateEmptyApplicationBuilder(new());
        silo.UseOrleans(builder =>
        {
            builder.UseLocalhostClustering(siloPort, gatewayPort, serviceId: ClusterId, clusterId: ClusterId).AddOrleansKv();
            configure(builder);
        });
        _silo = silo.Build();
        var client = Host.CreateEmptyApplicationBuilder(new());
        client.UseOrleansClient(builder => builder
            .UseLocalhostClustering(gatewayPort, serviceId: ClusterId, clusterId: ClusterId)
            .AddOrleansKvClient());
        _client = client.Build();
    }

    public IServiceProvider SiloServices => _silo.Services;

    public IClusterClient Client => _client.Services.GetRequiredService<IClusterClient>();

    public IKvClient Kv => _client.Services.GetRequiredService<IKvClient>();

    public async Task InitializeAsync()
    {
        await _silo.StartAsync();
        await _client.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.StopAsync();
        await _silo.StopAsync();
        _client.Dispose();
        _silo.Dispose();
    }
}
