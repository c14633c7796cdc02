using System.Net;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansKv.Grains.Membership;

namespace OrleansKv.Grains.Tests.Membership;

/// <summary>Silos that know of each other by a directory alone, with the store and the death watch in them.</summary>
internal static class FileCluster
{
    /// <summary>Long, so that it is not probes that find a death.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    /// <param name="directory">The cluster's.</param>
    /// <param name="port">Between silos, on loopback; clients come a thousand above.</param>
    public static IHost Build(string directory, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => silo
            .UseFileClustering(directory)
            .AddOrleansKv()
            .AddDeathWatch()
            .Configure<ClusterMembershipOptions>(options => options.ProbeTimeout = ProbeTimeout)
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("files", "files"))
            .Configure<EndpointOptions>(options =>
                (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (IPAddress.Loopback, port, port + 1000)));
        return builder.Build();
    }
}
