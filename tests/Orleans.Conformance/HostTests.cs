using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>A silo's host: its life cycle, and what becomes of its grains when it stops.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Host_StartedAndStopped_TakesItsParticipantsThroughTheStages()
    {
        var cluster = new HostCluster();
        await cluster.InitializeAsync();
        var participant = cluster.SiloHost.Services.GetRequiredService<RecordingParticipant>();
        Assert.Equal(["early started", "late started"], participant.Events);

        await cluster.DisposeAsync();

        Assert.Equal(["early started", "late started", "late stopped", "early stopped"], participant.Events);
    }

    [Fact]
    public async Task Host_Stopping_DeactivatesItsGrains()
    {
        var key = Signals.NewKey();
        var cluster = new HostCluster();
        await cluster.InitializeAsync();
        int activation = await cluster.Client.GetGrain<IKeptGrain>(key).GetActivation();

        await cluster.DisposeAsync();

        Assert.Equal("ShuttingDown", await Signals.WaitAsync($"{key}.{activation}.deactivated"));
    }

    [Fact]
    public async Task Host_Started_KnowsItself()
    {
        var cluster = new HostCluster();
        await cluster.InitializeAsync();
        var details = cluster.SiloHost.Services.GetRequiredService<ILocalSiloDetails>();

        Assert.True(details.SiloAddress.Generation > 0);
        Assert.Equal(HostCluster.ClusterId, details.ClusterId);

        await cluster.DisposeAsync();
    }
}
