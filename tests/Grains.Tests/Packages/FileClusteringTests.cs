using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Grains.Tests.Membership;
using Xunit.Abstractions;

namespace OrleansKv.Grains.Tests.Packages;

/// <summary>Silos that know of nothing but a directory.</summary>
public sealed class FileClusteringTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Silos_WithOneDirectory_FormAClusterAndLeaveIt()
    {
        using IHost first = FileCluster.Build(_directory.Path, port: 24901), second = FileCluster.Build(_directory.Path, port: 24902);
        await first.StartAsync();
        await second.StartAsync();
        var membership = first.Services.GetRequiredService<IClusterMembershipService>();
        SiloAddress other = second.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

        await WaitForAsync(membership, other, SiloStatus.Active);
        await second.StopAsync();
        await WaitForAsync(membership, other, SiloStatus.Dead);

        await first.StopAsync();
    }

    [Fact]
    public async Task Silo_WhoseProcessIsKilled_IsDeadLongBeforeProbesCouldTell()
    {
        using IHost first = FileCluster.Build(_directory.Path, port: 24903), second = FileCluster.Build(_directory.Path, port: 24904);
        await first.StartAsync();
        await second.StartAsync();
        using ChildProcess third = await ChildProcess.StartAsync(Program.Silo, _directory.Path, "24905");
        SiloAddress killed = SiloAddress.FromParsableString(third.Line);
        IClusterMembershipService[] survivors = [.. new[] { first, second }.Select(host => host.Services.GetRequiredService<IClusterMembershipService>())];
        await Task.WhenAll(survivors.Select(membership => WaitForAsync(membership, killed, SiloStatus.Active)));
        foreach (IHost host in new[] { first, second })
            await host.Services.GetRequiredService<IGrainFactory>().GetGrain<ILifelineGrain>(third.Line).GetPortAsync();
        await WaitForLifelinesAsync();
        long start = Stopwatch.GetTimestamp();

        third.Kill();

        await Task.WhenAll(survivors.Select(membership => WaitForAsync(membership, killed, SiloStatus.Dead)));
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"Known dead after {took.TotalMilliseconds:0} ms.");
        Assert.True(took < FileCluster.ProbeTimeout, $"took {took}");
        await second.StopAsync();
        await first.StopAsync();
    }

    /// <summary>Nothing tells that the lifelines are held; a connection takes no more than this.</summary>
    private static async Task WaitForLifelinesAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2));
        await timer.WaitForNextTickAsync();
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
}
