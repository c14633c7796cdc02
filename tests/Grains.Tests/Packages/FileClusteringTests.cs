using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.Grains.Membership;

namespace OrleansKv.Grains.Tests.Packages;

/// <summary>Silos that know of nothing but a directory.</summary>
public sealed class FileClusteringTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Silos_WithOneDirectory_FormAClusterAndLeaveIt()
    {
        using IHost first = Build(port: 31001), second = Build(port: 31002);
        await first.StartAsync();
        await second.StartAsync();
        var membership = first.Services.GetRequiredService<IClusterMembershipService>();
        SiloAddress other = second.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

        await WaitForAsync(membership, other, SiloStatus.Active);
        await second.StopAsync();
        await WaitForAsync(membership, other, SiloStatus.Dead);

        await first.StopAsync();
    }

    private static async Task WaitForAsync(IClusterMembershipService membership, SiloAddress silo, SiloStatus status)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates.WithCancellation(limit.Token))
        {
            if (snapshot.GetSiloStatus(silo) == status)
                return;
        }
    }

    private IHost Build(int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo => silo
            .UseFileClustering(_directory.Path)
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("files", "files"))
            .Configure<EndpointOptions>(options =>
                (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (IPAddress.Loopback, port, port + 1000)));
        return builder.Build();
    }
}
