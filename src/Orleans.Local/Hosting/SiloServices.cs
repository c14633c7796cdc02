// Stands for Orleans.Hosting.DefaultSiloServices.
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
        if (configuration.GetSection("Orleans:Clustering").Exists() || configuration.GetSection("Orleans:GrainStorage").Exists())
            throw new InvalidOperationException("Orleans's providers are in its packages: this build runs on the local runtime, which has none.");
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ILocalSiloDetails, LocalSiloDetails>();
        services.AddSingleton<LocalRuntime>();
        services.AddSingleton<SiloNetwork>();
        services.AddSingleton<IMembershipLink, MembershipLink>();
        services.TryAddSingleton<IFatalErrorHandler, FatalErrorHandler>();
        services.AddSingleton(provider => new RuntimeMembership(
            provider.GetService<IMembershipTable>() is null ? null : ActivatorUtilities.CreateInstance<MembershipAgent>(provider)));
        services.AddSingleton(provider => provider.GetRequiredService<RuntimeMembership>().Service
            ?? ActivatorUtilities.CreateInstance<AloneMembership>(provider));
        services.AddSingleton(provider => new Serializer(provider.GetRequiredService<LocalRuntime>));
        services.AddSingleton<IClusterClient>(provider => new ClusterClient(provider.GetRequiredService<LocalRuntime>, provider));
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<IClusterClient>());
        services.AddKeyedSingleton<IPlacementDirector, RandomPlacementDirector>(typeof(RandomPlacement));
        services.AddKeyedSingleton<IPlacementDirector, PreferLocalPlacementDirector>(typeof(PreferLocalPlacement));
        services.AddHostedService<SiloHostedService>();
        return new(services, configuration);
    }
}
