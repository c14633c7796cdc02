// Stands for Orleans.Providers.ProviderConstants, Orleans.Hosting.MemoryGrainStorageSiloBuilderExtensions and
// Orleans.Runtime.Hosting.GrainStorageExtensions.
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansKv.LocalRuntime;

namespace Orleans.Hosting
{
    public static class MemoryGrainStorageSiloBuilderExtensions
    {
        public static ISiloBuilder AddMemoryGrainStorageAsDefault(this ISiloBuilder builder) =>
            builder.AddMemoryGrainStorage(GrainStorageNames.Default);

        public static ISiloBuilder AddMemoryGrainStorage(this ISiloBuilder builder, string name)
        {
            builder.Services.AddKeyedSingleton<IGrainStorage>(name, (services, _) => new MemoryGrainStorage(
            name, services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<Serializer>()));
            return builder;
        }
    }
}

namespace Orleans.Runtime.Hosting
{
    public static class GrainStorageExtensions
    {
        /// <summary>Registers a storage under a name; one that takes part in the silo's life cycle is joined to it.</summary>
        public static IServiceCollection AddGrainStorage<T>(
            this IServiceCollection collection, string name, Func<IServiceProvider, string, T> implementationFactory)
            where T : IGrainStorage
        {
            collection.AddKeyedSingleton<IGrainStorage>(name, (services, _) => implementationFactory(services, name));
            if (typeof(ILifecycleParticipant<ISiloLifecycle>).IsAssignableFrom(typeof(T)))
            {
                collection.AddSingleton(services =>
                    (ILifecycleParticipant<ISiloLifecycle>)services.GetRequiredKeyedService<IGrainStorage>(name));
            }

            return collection;
        }
    }
}

namespace OrleansKv.LocalRuntime
{
    internal static class GrainStorageNames
    {
        public const string Default = "Default";
    }
}
