using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Grains.Cluster;
using OrleansKv.Grains.Membership;
using OrleansKv.Grains.Storage;

namespace OrleansKv.Silo;

/// <summary>
/// What makes the silo of this process a member of a cluster: silos that share <c>cluster-directory</c>, or what <c>cluster-orleans-config</c>
/// names: membership and grain storage by one of Orleans's own providers.
/// </summary>
internal static class ClusterMember
{
    /// <summary>Where <c>cluster-port</c> is not set, a silo listens this far above the port of its Redis clients.</summary>
    private const int PortOffset = 10_000;

    /// <summary>Where Orleans's configuration may set another pace of membership: the names of <see cref="ClusterMembershipOptions"/>.</summary>
    private const string MembershipSection = "Orleans:Membership";

    /// <summary>
    /// What Orleans has had for the pace of membership since 10.3, by name, so that earlier versions pass it over: there a silo is not suspected within
    /// NumMissedProbesLimit times MaxProbeTimeout of its last message, whatever probes say.
    /// </summary>
    private static readonly Dictionary<string, string?> LaterPace = new()
    {
        ["MinProbeTimeout"] = "00:00:00.5",
        ["MaxProbeTimeout"] = "00:00:01",
    };

    /// <summary>Where the silo listens for others.</summary>
    public static int SiloPort(ServerConfig config)
    {
        if (config.ClusterPort != 0)
            return config.ClusterPort;
        int port = config.Port + PortOffset;
        return port <= ushort.MaxValue ? port : port - (5 * PortOffset);
    }

    /// <summary>Why a server cannot be in a cluster as it is configured; null if it can.</summary>
    public static string? Check(ServerConfig config)
    {
        if (config.ClusterDirectory is not null && config.ClusterOrleansConfig is not null)
            return "Either cluster-directory or cluster-orleans-config: a silo is in one cluster.";
        if (config.Role != ServerRole.Gateway)
            return null;
        if (config.ClusterEnabled)
            return "A gateway serves every key, so cluster-enabled must be no.";
        return config.IsInCluster ? null : "A gateway needs the cluster-directory of the silos that it serves.";
    }

    /// <summary>Waits until an incarnation that starts now has a name of its own.</summary>
    public static Task AwaitGenerationAsync(ServerConfig config) =>
        FileClustering.AwaitGenerationAsync(DirectoryOf(config), new IPEndPoint(SiloAddressOf(config), SiloPort(config)), TimeProvider.System);

    /// <summary>
    /// Membership, death watch and the storage of the slot map. Where Orleans's configuration is given, the runtime has taken membership and storage
    /// from it already.
    /// </summary>
    public static void Join(ISiloBuilder silo, ServerConfig config, IConfiguration orleans, IFatalErrorHandler fatal)
    {
        if (config.ClusterDirectory is not null)
        {
            string directory = DirectoryOf(config);
            silo.UseFileClustering(directory);
            silo.AddFileGrainStorage(SlotMapOptions.StorageName, Path.Combine(directory, "grains"));
        }

        silo.AddDeathWatch();
        silo.Services.Replace(ServiceDescriptor.Singleton(fatal));
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = SiloAddressOf(config);
            options.SiloPort = SiloPort(config);
            options.GatewayPort = config.ClusterClientPort;
        });
        SetPace(silo.Services, orleans);
    }

    public static void Describe(SlotMapOptions options, ServerConfig config)
    {
        int port = config.ClusterAnnouncePort != 0 ? config.ClusterAnnouncePort : config.Port;
        options.Endpoint = new NodeEndpoint(config.ClusterAnnounceIp ?? FirstAddress(config), port, config.ClusterAnnounceHostName);
        options.NodeIdFile = config.ResolvePath(config.ClusterConfigFile);
        options.Zone = config.ClusterZone;
        options.OwnsSlots = config.Role == ServerRole.Silo;
        options.InitialSilos = config.ClusterInitialSilos;
        options.StartsAlone = !config.ClusterAutoAssign;
        options.UsesClusterHashSeed = true;
    }

    /// <summary>
    /// A silo that hangs is declared dead within three seconds. One whose process has ended sooner, by the death watch. One that has given no
    /// sign of life for three seconds has no voice, and does not keep others from joining. What Orleans's configuration says counts instead.
    /// </summary>
    internal static void SetPace(IServiceCollection services, IConfiguration orleans) =>
        services.AddOptions<ClusterMembershipOptions>()
            .Configure(options =>
            {
                options.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                options.NumMissedProbesLimit = 2;
                options.NumVotesForDeathDeclaration = 2;
                options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(1);
                options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            })
            .Bind(new ConfigurationBuilder().AddInMemoryCollection(LaterPace).Build())
            .Bind(orleans.GetSection(MembershipSection));

    private static string DirectoryOf(ServerConfig config) => config.ResolvePath(config.ClusterDirectory!);

    private static IPAddress SiloAddressOf(ServerConfig config) =>
        IPAddress.TryParse(config.ClusterAnnounceIp ?? FirstAddress(config), out IPAddress? address) ? address : IPAddress.Loopback;

    /// <summary>
    /// An address that other nodes' clients can use; none where the server listens on all of them, and clients stay with the one that they know.
    /// </summary>
    private static string FirstAddress(ServerConfig config)
    {
        string first = config.BindAddresses.FirstOrDefault("").TrimStart('-');
        return first is "*" or "0.0.0.0" or "::" or "::*" ? "" : first;
    }
}
