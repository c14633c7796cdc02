using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Grains;
using OrleansKv.Grains.Cluster;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.Silo;

/// <summary>
/// The Orleans silo of the process, around the store that the gateway serves: grains and clients of RESP work on the same slots. The host is
/// an empty one, since command line, logging and signals are handled here already, and a quick start matters.
/// </summary>
internal static class OrleansSilo
{
    /// <param name="store">What the silo's grains work on.</param>
    /// <param name="config">Which cluster the silo is in.</param>
    /// <param name="log">Where the runtime's messages go.</param>
    /// <param name="fatal">What is done when the cluster has declared the silo dead.</param>
    public static async Task<IHost> StartAsync(Store store, ServerConfig config, ILoggerProvider log, IFatalErrorHandler fatal)
    {
        if (config.ClusterDirectory is not null)
            await ClusterMember.AwaitGenerationAsync(config);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (config.ClusterOrleansConfig is { } path)
            builder.Configuration.AddJsonFile(config.ResolvePath(path), optional: false, reloadOnChange: false).AddEnvironmentVariables();
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, OwnedLifetime>());
        builder.UseOrleans(silo =>
        {
            silo.AddOrleansKv(_ => store);
            if (!config.IsInCluster)
                silo.UseLocalhostClustering(ClusterMember.SiloPort(config), config.ClusterClientPort);
            else
                ClusterMember.Join(silo, config, builder.Configuration, fatal);
            if (config.ClusterEnabled || config.IsInCluster)
                silo.AddOrleansKvSlotMap(options =>
                {
                    ClusterMember.Describe(options, config);
                    options.DeclaredDead = () => fatal.OnFatalException(nameof(SlotMapOptions), "The slot map knows this silo no more.");
                });
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>The gateway's link to the cluster that the silo is in; null if it is in none.</summary>
    public static ClusterLink? LinkTo(IHost host)
    {
        if (host.Services.GetService<ISlotMapSource>() is not { } map)
            return null;
        string self = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();
        return ClusterLink.Over(host.Services.GetRequiredService<IGrainFactory>(), self, map, host.Services.GetRequiredService<IClusterMembershipService>());
    }

    /// <summary>The process decides when the host starts and stops; the host listens to no signals.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
