using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Grains;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Silo;

/// <summary>
/// The Orleans silo of the process, around the store that the gateway serves: grains and clients of RESP work on the same slots. The host is
/// an empty one, since command line, logging and signals are handled here already, and a quick start matters.
/// </summary>
internal static class OrleansSilo
{
    /// <summary>A silo in a cluster listens this far above the RESP port. There is no gateway: clients of this process speak RESP.</summary>
    private const int PortOffset = 10_000;

    /// <summary>In the data directory: what makes a silo that starts again the same node.</summary>
    private const string NodeIdFile = "node-id";

    public static async Task<IHost> StartAsync(Store store, ServerConfig config, ILoggerProvider log)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, OwnedLifetime>());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(PortNear(config.Port + PortOffset), gatewayPort: 0).AddOrleansKv(_ => store);
            if (config.ClusterEnabled)
                silo.AddOrleansKvSlotMap(options => Configure(options, config));
        });
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>What the cluster is told of this silo. No key is stored before clients are let in, so the hash can have the cluster's seed.</summary>
    private static void Configure(SlotMapOptions options, ServerConfig config)
    {
        int port = config.ClusterAnnouncePort != 0 ? config.ClusterAnnouncePort : config.Port;
        options.Endpoint = new NodeEndpoint(config.ClusterAnnounceIp ?? "", port, config.ClusterAnnounceHostName);
        options.NodeIdFile = config.ResolvePath(NodeIdFile);
        options.UsesClusterHashSeed = true;
    }

    /// <summary>A port of the RESP port's own, whatever that is.</summary>
    private static int PortNear(int port) => port <= ushort.MaxValue ? port : port - 50_000;

    /// <summary>The process decides when the host starts and stops; the host listens to no signals.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
