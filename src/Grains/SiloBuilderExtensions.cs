using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Grains.Blocking;
using OrleansKv.Grains.Cluster;
using OrleansKv.Grains.PubSub;
using OrleansKv.Grains.Replication;

namespace OrleansKv.Grains;

/// <summary>Makes the store part of an Orleans silo.</summary>
public static class SiloBuilderExtensions
{
    /// <summary>Adds a store of its own to the silo, which sees to its upkeep, and the grains on it.</summary>
    public static ISiloBuilder AddOrleansKv(this ISiloBuilder siloBuilder, ServerConfig? config = null)
    {
        siloBuilder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StoreUpkeep>();
        return siloBuilder.AddOrleansKv(services =>
            new Store(config ?? new ServerConfig(), services.GetService<TimeProvider>() ?? TimeProvider.System));
    }

    /// <summary>
    /// Adds the grains, on the store that <paramref name="createStore"/> gives; the silo's services dispose of it. Its upkeep (active expiry,
    /// memory figures) is for whoever made it, as a gateway does for the store that it serves.
    /// </summary>
    public static ISiloBuilder AddOrleansKv(this ISiloBuilder siloBuilder, Func<IServiceProvider, Store> createStore)
    {
        siloBuilder.Services.Configure<SiloMessagingOptions>(options => options.MaxMessageBodySize = MessageLimits.MaxBodyBytes);
        siloBuilder.Services.AddSingleton(createStore);
        siloBuilder.Services.AddSingleton(services => new GrainCommands(
            services.GetRequiredService<Store>(),
            services.GetService<ISlotMapSource>(),
            services.GetRequiredService<RemoteWatches>(),
            () => services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString()));
        siloBuilder.Services.AddSingleton<MessageInbox>();
        siloBuilder.Services.AddSingleton<RemoteWatches>();
        siloBuilder.Services.AddSingleton(services => new RemoteWaits(
            services.GetRequiredService<Store>(),
            services.GetService<ISlotMapSource>(),
            (gateway, waits) => services.GetRequiredService<IGrainFactory>().GetGrain<ISiloGrain>(gateway).WakeAsync(waits)));
        siloBuilder.Services.AddSingleton<IKvClient>(services => new KvClient(services.GetRequiredService<IClusterClient>()));
        siloBuilder.AddPlacementDirector<SlotPlacement, SlotPlacementDirector>();
        siloBuilder.AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
        return siloBuilder;
    }

    /// <summary>
    /// Makes the silo follow the cluster's slot map: it serves the slots that it is given, keeps copies of others, and is told who serves them. Without
    /// this a silo serves every slot. The map is kept in the grain storage that is registered as <see cref="SlotMapOptions.StorageName"/>.
    /// </summary>
    public static ISiloBuilder AddOrleansKvSlotMap(this ISiloBuilder siloBuilder, Action<SlotMapOptions>? configure = null)
    {
        var services = siloBuilder.Services;
        services.AddOptions<SlotMapOptions>()
            .Configure<Store>((options, store) => options.Replicas = store.Config.ClusterReplicas)
            .Configure(configure ?? (_ => { }));
        services.AddSingleton<SlotMapSource>();
        services.AddSingleton<ISlotMapSource>(provider => provider.GetRequiredService<SlotMapSource>());
        services.AddSingleton<ReplicationDriver>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ReplicationDriver>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SlotMapParticipant>();
        services.TryAddSingleton<IClusterMembershipService, LoneMembership>();
        var hasStorage = services.Any(service => service.IsKeyedService && service.ServiceKey is SlotMapOptions.StorageName);
        return hasStorage ? siloBuilder : siloBuilder.AddMemoryGrainStorage(SlotMapOptions.StorageName);
    }
}
