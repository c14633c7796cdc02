// Stands for Orleans.Hosting.DefaultClientServices and Orleans.ClusterClientHostedService.
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

internal sealed class ClientServices : IClientBuilder
{
    private ClientServices(IServiceCollection services, IConfiguration configuration)
    {
        Services = services;
        Configuration = configuration;
    }

    public IServiceCollection Services { get; }

    public IConfiguration Configuration { get; }

    public static ClientServices Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ClientConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<ClientConnection>());
        services.AddSingleton<IClusterClient>(provider =>
            new ClusterClient(() => provider.GetRequiredService<ClientConnection>().Runtime, provider));
        services.AddSingleton(provider => new Serializer(() => provider.GetRequiredService<ClientConnection>().Runtime));
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        return new(services, configuration);
    }
}

/// <summary>
/// Connects a client while its host runs: to a silo of this process if one has the gateway port, otherwise to the gateways by sockets.
/// </summary>
internal sealed class ClientConnection(
    IOptions<ClusterOptions> cluster,
    IOptions<StaticGatewayListProviderOptions> gateways,
    IOptions<ClientMessagingOptions> messaging,
    IOptions<ConnectionOptions> connection,
    IOptions<SocketOptions> sockets,
    TimeProvider time,
    ILogger<OutsideClient> logger) : IHostedService
{
    private ICallRuntime? _runtime;

    public ICallRuntime Runtime => _runtime ?? throw new InvalidOperationException("The client is not connected.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        IPEndPoint[] endpoints = [.. gateways.Value.Gateways.Select(StaticGatewayListProviderOptions.ToEndPoint)];
        if (!sockets.Value.EvenWithinProcess && ProcessSilos.Find(cluster.Value.ClusterId, endpoints) is { } silo)
        {
            _runtime = silo;
            return;
        }

        var client = new OutsideClient(cluster.Value.ClusterId, endpoints, messaging.Value, connection.Value, time, logger);
        await client.ConnectAsync();
        _runtime = client;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _runtime, null) is OutsideClient client)
            await client.DisposeAsync();
    }
}
