using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>A silo with a slot map, and with others in its cluster that are only names.</summary>
internal sealed class SlotMapHost(Action<SlotMapOptions>? options = null, Action<ISiloBuilder>? configure = null) : KvHost(silo =>
{
    silo.Services.AddKeyedSingleton<IGrainStorage, TestStorage>(SlotMapOptions.StorageName);
    silo.AddOrleansKvSlotMap(options);
    silo.Services.AddSingleton<IClusterMembershipService, TestMembership>();
    configure?.Invoke(silo);
})
{
    public string Self => SiloServices.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    public ISlotMapGrain Grain => Client.GetGrain<ISlotMapGrain>(0);

    public SlotMapSource Source => SiloServices.GetRequiredService<SlotMapSource>();

    public Store Store => SiloServices.GetRequiredService<Store>();

    public TestMembership Membership => (TestMembership)SiloServices.GetRequiredService<IClusterMembershipService>();

    public TestStorage Storage => (TestStorage)SiloServices.GetRequiredKeyedService<IGrainStorage>(SlotMapOptions.StorageName);

    public static async Task<SlotMapHost> StartAsync(Action<SlotMapOptions>? options = null, Action<ISiloBuilder>? configure = null)
    {
        var host = new SlotMapHost(options, configure);
        await host.InitializeAsync();
        return host;
    }

    /// <summary>Another silo joins: the cluster knows it, and it asks for its part.</summary>
    public Task<SlotMap> JoinAsync(string silo)
    {
        Membership.Set(silo, SiloStatus.Active);
        return Grain.JoinAsync(Member(silo));
    }

    public static MapMember Member(string silo) => MapTranscript.Member(silo) with { NodeId = NodeIdentity.NewId() };

    /// <summary>Waits until this silo's copy of the map is as the test wants it.</summary>
    public void WaitFor(Func<SlotMap, bool> condition) =>
        Assert.True(SpinWait.SpinUntil(() => condition(Source.Current), TimeSpan.FromSeconds(20)), MapTranscript.Show(Source.Current));

    /// <summary>Waits until this silo's slots are as the test wants them.</summary>
    public void WaitForSlots(Func<Slot[], bool> condition) =>
        Assert.True(SpinWait.SpinUntil(() => condition(Store.Slots.ToArray()), TimeSpan.FromSeconds(20)), MapTranscript.Show(Source.Current));
}
