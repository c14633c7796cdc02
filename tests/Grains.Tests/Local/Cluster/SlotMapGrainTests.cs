using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Grains.Cluster;
using OrleansKv.LocalRuntime;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>The map's grain on one silo, among others that are only names.</summary>
public sealed class SlotMapGrainTests
{
    private const string Other = "10.0.0.2:11111@7";

    [Fact]
    public async Task Silo_ThatStartsAlone_OwnsEverySlot()
    {
        await using var host = await Start();

        var map = host.Source.Current;

        Assert.Equal(new SlotRange(0, SlotHash.SlotCount - 1, host.Self, map.Version), Assert.Single(map.Ranges));
        Assert.NotEqual(Guid.Empty, map.HashSeed);
        host.WaitForSlots(slots => slots.All(slot => (slot.Role, slot.Epoch) == (SlotRole.Primary, map.Version)));
    }

    [Fact]
    public async Task Silo_ThatWaitsForOthers_OwnsNothingUntilTheyAreThere()
    {
        await using var host = await Start(options => options.InitialSilos = 2);
        Assert.All(host.Store.Slots.ToArray(), slot => Assert.Equal(SlotRole.Away, slot.Role));

        await host.JoinAsync(Other);

        host.WaitFor(map => map.RangesOf(host.Self).Sum(range => range.Count) == SlotHash.SlotCount / 2);
        host.WaitForSlots(slots => slots.Count(slot => slot.Role == SlotRole.Primary) == SlotHash.SlotCount / 2);
    }

    [Fact]
    public async Task Death_OfASiloWithACopyHere_GivesItsSlotsToThisSilo()
    {
        await using var host = await Start(options => options.InitialSilos = 2);
        var map = await host.JoinAsync(Other);
        await host.Grain.ReportInSyncAsync(Other, [new(host.Self, map.Version)], map.Version);

        host.Membership.Set(Other, SiloStatus.Dead);

        host.WaitFor(current => current.RangesOf(host.Self).Sum(range => range.Count) == SlotHash.SlotCount);
        Assert.Null(host.Source.Current.Find(Other));
        host.WaitForSlots(slots => slots.All(slot => slot.Role == SlotRole.Primary));
    }

    [Fact]
    public async Task Death_WithoutACopy_LeavesItsSlotsWithoutOwnerUntilTheyAreTakenOver()
    {
        await using var host = await Start(options => options.InitialSilos = 2);
        await host.JoinAsync(Other);

        host.Membership.Set(Other, SiloStatus.Dead);
        host.WaitFor(map => map.RangesOf(null!).Sum(range => range.Count) == SlotHash.SlotCount / 2);
        var taken = await host.Grain.TakeOverAsync(0, SlotHash.SlotCount - 1, host.Self);

        Assert.Equal(SlotHash.SlotCount, taken.RangesOf(host.Self).Sum(range => range.Count));
    }

    [Fact]
    public async Task Death_ThatNobodyWasToldOf_IsFoundByThePoll()
    {
        await using var host = await Start(options => options.PollPeriod = TimeSpan.FromMilliseconds(20));
        await host.JoinAsync(Other);

        host.Membership.Forget(Other);

        host.WaitFor(map => map.Find(Other) == null && map.Version > 1);
    }

    [Fact]
    public async Task Join_OfASiloThatTheClusterDoesNotKnow_IsRefused()
    {
        await using var host = await Start();

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Grain.JoinAsync(SlotMapHost.Member(Other)));
        host.Membership.Set(Other, SiloStatus.Dead);
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Grain.JoinAsync(SlotMapHost.Member(Other)));
    }

    [Fact]
    public async Task Join_WithTheNodeIdOfAnother_IsRefusedWhileThatLives()
    {
        await using var host = await Start();
        var member = SlotMapHost.Member(Other) with { NodeId = host.Source.Current.Members[0].NodeId };
        host.Membership.Set(Other, SiloStatus.Active);

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Grain.JoinAsync(member));
    }

    [Fact]
    public async Task Leave_OfASiloWithNothing_EndsItsMembership()
    {
        await using var host = await Start(options => options.Replicas = 0);
        await host.JoinAsync(Other);

        var map = await host.Grain.LeaveAsync(Other);

        Assert.Null(map.Find(Other));
    }

    [Theory]
    [InlineData(nameof(TestStorage.Failure.NotWritten))]
    [InlineData(nameof(TestStorage.Failure.Unknown))]
    public async Task Write_ThatFails_ShowsNothingThatIsNotInStorage(string failure)
    {
        await using var host = await Start();
        var before = host.Source.Current;
        host.Membership.Set(Other, SiloStatus.Active);
        host.Storage.Failures.Enqueue(Enum.Parse<TestStorage.Failure>(failure));

        await Assert.ThrowsAnyAsync<IOException>(() => host.Grain.JoinAsync(SlotMapHost.Member(Other)));
        var known = await host.Grain.GetAsync(before.Version);
        var after = await host.Grain.JoinAsync(SlotMapHost.Member(Other));

        Assert.Equal(failure == nameof(TestStorage.Failure.Unknown), known?.Find(Other) != null);
        Assert.NotNull(after.Find(Other));
    }

    [Fact]
    public async Task Write_ThatAnotherWasFasterThan_IsDoneAgainOnItsMap()
    {
        await using var host = await Start();
        host.Storage.Failures.Enqueue(TestStorage.Failure.Conflict);

        var map = await host.JoinAsync(Other);

        Assert.NotNull(map.Find(Other));
        Assert.Equal(2, map.Version);
    }

    [Fact]
    public async Task Report_OfAnEarlierVersion_IsVoid()
    {
        await using var host = await Start();
        var map = await host.JoinAsync(Other);

        var empty = await host.Grain.ReportInSyncAsync(host.Self, [], map.Version);
        var late = await host.Grain.ReportInSyncAsync(host.Self, [new(Other, 1)], map.Version);
        var timely = await host.Grain.ReportInSyncAsync(host.Self, [new(Other, 1)], late.Version);

        Assert.Equal([map.Version + 1, map.Version + 1, map.Version + 2], new[] { empty, late, timely }.Select(after => after.Version));
        Assert.True(timely.Find(host.Self)!.HoldsCopy(Other, 1));
    }

    [Fact]
    public async Task Activations_TwoOrGone_AgreeOnOneHistory()
    {
        await using var host = await Start(null, silo => silo.AddMischief(mischief =>
        {
            mischief.Deactivation = 0.1;
            mischief.SecondActivation = 0.3;
            mischief.Reorder = 0.2;
        }));
        var others = Enumerable.Range(2, 6).Select(index => $"10.0.0.{index}:11111@7").ToArray();

        var maps = await Task.WhenAll(others.Select(host.JoinAsync));
        foreach (var other in others) host.Membership.Set(other, SiloStatus.Dead);

        host.WaitFor(map => map.Members.Length == 1);
        Assert.Equal(others.Length, maps.Select(map => map.Version).Distinct().Count());
        Assert.All(maps, map => Assert.Equal(map.HashSeed, host.Source.Current.HashSeed));
    }

    [Fact]
    public async Task SlotGrain_OfASlotOfAnother_IsNotServedHere()
    {
        await using var host = await Start(options => options.InitialSilos = 2);
        await host.JoinAsync(Other);
        host.WaitFor(map => map.Version > 1);
        var slot = host.Source.Current.RangesOf(Other).First().First;

        await Assert.ThrowsAsync<SiloUnavailableException>(() => host.Client.GetGrain<ISlotGrain>(slot).ExecuteAsync(new([]), 0));
    }

    private static Task<SlotMapHost> Start(Action<SlotMapOptions>? options = null, Action<Orleans.Hosting.ISiloBuilder>? configure = null) =>
        SlotMapHost.StartAsync(options, configure);
}
