using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;

namespace OrleansKv.Orleans.Conformance;

/// <summary>How every silo of these tests is set up, whatever hosts it.</summary>
public static class SiloSetup
{
    public static readonly TimeSpan IdleAge = TimeSpan.FromSeconds(2);

    public static void Configure(ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorageAsDefault();
        silo.AddMemoryGrainStorage("named");
        silo.Services.AddGrainStorage("recording", (_, name) => new RecordingStorage(name));
        silo.AddPlacementDirector<RecordedPlacement, RecordingDirector>();
        silo.AddPlacementDirector<AddressedPlacement, AddressedDirector>();
        silo.Services.AddSingleton<RecordingParticipant>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            services => services.GetRequiredService<RecordingParticipant>());
        silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromSeconds(1);
            options.ClassSpecificCollectionAge[typeof(IdleGrain).FullName!] = IdleAge;
            options.ClassSpecificCollectionAge[typeof(KeptGrain).FullName!] = IdleAge;
        });
        silo.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
    }
}
