using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;

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
        siloBuilder.Services.AddSingleton(createStore);
        siloBuilder.Services.AddSingleton<GrainCommands>();
        siloBuilder.Services.AddSingleton<IKvClient>(services => new KvClient(services.GetRequiredService<IClusterClient>()));
        siloBuilder.AddPlacementDirector<SlotPlacement, SlotPlacementDirector>();
        siloBuilder.AddPlacementDirector<SiloPlacement, SiloPlacementDirector>();
        return siloBuilder;
    }
}
