// Stands for Orleans.Hosting.DefaultClientServices and Orleans.ClusterClientHostedService: a client in the process of its silo.
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        services.AddSingleton<ClientConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<ClientConnection>());
        services.AddSingleton<IClusterClient>(provider =>
            new ClusterClient(() => provider.GetRequiredService<ClientConnection>().Runtime, provider));
        services.AddSingleton(provider => new Serializer(() => provider.GetRequiredService<ClientConnection>().Runtime));
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        return new(services, configuration);
    }
}

internal sealed class ClientConnection(IOptions<ClusterOptions> cluster, IOptions<EndpointOptions> endpoint) : IHostedService
{
    private LocalRuntime? _runtime;

    public LocalRuntime Runtime => _runtime ?? throw new InvalidOperationException("The client is not connected.");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _runtime = ProcessSilos.Find(cluster.Value.ClusterId, endpoint.Value.GatewayPort);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _runtime = null;
        return Task.CompletedTask;
    }
}
