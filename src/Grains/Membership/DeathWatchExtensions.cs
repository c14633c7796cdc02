using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Membership;

/// <summary>Adds the death watch to a silo.</summary>
public static class DeathWatchExtensions
{
    /// <summary>Declares other silos dead as soon as their processes end. All silos of the cluster need it, and <c>AddOrleansKv</c>.</summary>
    public static ISiloBuilder AddDeathWatch(this ISiloBuilder builder)
    {
        builder.Services.AddSingleton(services => new LifelineListener(services.GetRequiredService<ILocalSiloDetails>().SiloAddress));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services =>
        {
            // Open before this silo is active, since the others ask for it from then on.
            _ = services.GetRequiredService<LifelineListener>();
            return new DeathWatch(
                services.GetRequiredService<ILocalSiloDetails>().SiloAddress,
                services.GetRequiredService<IClusterMembershipService>(),
                silo => LocateAsync(services.GetRequiredService<IGrainFactory>(), silo),
                services.GetService<TimeProvider>() ?? TimeProvider.System,
                services.GetRequiredService<ILogger<DeathWatch>>());
        });
        return builder;
    }

    private static async Task<IPEndPoint> LocateAsync(IGrainFactory grains, SiloAddress silo) =>
        new(silo.Endpoint.Address, await grains.GetGrain<ILifelineGrain>(silo.ToParsableString()).GetPortAsync());
}
