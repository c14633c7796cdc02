using System.Net;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>A silo's copy of the map.</summary>
public sealed class SlotMapSourceTests : IDisposable
{
    private static readonly SiloAddress Address = SiloAddress.New(IPAddress.Loopback, 1, 1);

    private readonly Store _store = new(new ServerConfig(), TimeProvider.System);
    private readonly SlotMapSource _source;

    public SlotMapSourceTests() => _source = new(new SlotRoles(_store, new Self()), null!);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Accept_AnEarlierVersion_ChangesNothing()
    {
        var seen = new List<long>();
        _source.Changed += map => seen.Add(map.Version);

        foreach (var version in new[] { 2, 1, 2, 3 }) _source.Accept(Map(version, "x@1"));

        Assert.Equal([2, 3], seen);
        Assert.Equal(3, _source.Current.Version);
    }

    [Fact]
    public void Accept_AMap_SetsRolesAndEpochsBeforeItIsSeen()
    {
        (SlotRole, long) seen = default;
        _source.Changed += map => seen = (_store.Slots[5].Role, _store.Slots[5].Epoch);

        _source.Accept(Map(4, Address.ToParsableString()));
        Assert.Equal((SlotRole.Primary, 4), seen);
        _source.Accept(Map(5, "x@1", Address.ToParsableString()));
        Assert.Equal((SlotRole.Replica, 5), seen);
        _source.Accept(Map(6, null));

        Assert.Equal((SlotRole.Away, 6), seen);
    }

    [Fact]
    public async Task Refresh_OfAVersionThatIsNotTheLatest_IsDoneAtOnce()
    {
        _source.Accept(Map(4, "x@1"));

        await _source.RefreshAsync(3);

        Assert.Equal(4, _source.Current.Version);
    }

    private static SlotMap Map(long version, string? owner, params string[] replicas) => new(
        version,
        owner == null ? [] : [MapTranscript.Member(owner) with { Replicas = replicas }],
        [new SlotRange(0, SlotHash.SlotCount - 1, owner, version)]);

    private sealed class Self : ILocalSiloDetails
    {
        public string Name => "self";

        public string ClusterId => "test";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => Address;

        public SiloAddress GatewayAddress => Address;
    }
}
