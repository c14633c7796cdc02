// Stands for Orleans.Hosting.DefaultSiloServices and Orleans.Runtime.SiloHostedService.
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

internal sealed class SiloServices : ISiloBuilder
{
    private SiloServices(IServiceCollection services, IConfiguration configuration)
    {
        Services = services;
        Configuration = configuration;
    }

    public IServiceCollection Services { get; }

    public IConfiguration Configuration { get; }

    public static SiloServices Add(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        services.AddSingleton<LocalRuntime>();
        services.AddSingleton(provider => new Serializer(provider.GetRequiredService<LocalRuntime>));
        services.AddSingleton<IClusterClient>(provider => new ClusterClient(provider.GetRequiredService<LocalRuntime>, provider));
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        services.AddKeyedSingleton<IPlacementDirector, LocalPlacementDirector>(typeof(RandomPlacement));
        services.AddKeyedSingleton<IPlacementDirector, LocalPlacementDirector>(typeof(PreferLocalPlacement));
        services.AddHostedService<SiloHostedService>();
        return new(services, configuration);
    }
}

/// <summary>Starts and stops the silo with its host: grains can be called from stage BecomeActive on, and until it is left.</summary>
internal sealed class SiloHostedService(
    IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants, LocalRuntime runtime, ILocalSiloDetails silo) : IHostedService
{
    private readonly LifecycleSubject _lifecycle = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lifecycle.Subscribe("Directory", ServiceLifecycleStage.RuntimeInitialize, Register, Unregister);
        _lifecycle.Subscribe("Activations", ServiceLifecycleStage.BecomeActive, _ => Task.CompletedTask, runtime.StopAsync);
        foreach (var participant in participants)
            participant.Participate(_lifecycle);
        return _lifecycle.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _lifecycle.StopAsync(cancellationToken);

    private Task Register(CancellationToken cancellationToken)
    {
        ProcessSilos.Add(silo, runtime);
        return Task.CompletedTask;
    }

    private Task Unregister(CancellationToken cancellationToken)
    {
        ProcessSilos.Remove(silo);
        return Task.CompletedTask;
    }
}
