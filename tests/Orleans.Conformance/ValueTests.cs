using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.Orleans.Conformance;

/// <summary>What arguments, results and references are on the other side of a call.</summary>
public abstract class ValueTests(ICluster cluster)
{
    private readonly Guid _key = Guid.NewGuid();

    private IValueGrain Grain => cluster.Client.GetGrain<IValueGrain>(_key);

    [Fact]
    public async Task Argument_ChangedByTheGrain_IsUnchangedForTheCaller()
    {
        var parcel = NewParcel();

        var returned = await Grain.Scribble(parcel);

        Assert.Equal("box", parcel.Label);
        Assert.Equal(1, parcel.Bytes[0]);
        Assert.Equal([1, 2], parcel.Lists["a"]);
        Assert.Equal("box scribbled", returned.Label);
        Assert.Equal(2, returned.Bytes[0]);
        Assert.Equal([1, 2, 99], returned.Lists["a"]);
    }

    [Fact]
    public async Task Result_ChangedByTheCaller_IsUnchangedForTheGrain()
    {
        var returned = await Grain.Scribble(NewParcel());

        returned.Label = "stolen";
        returned.Lists.Clear();

        var kept = await Grain.GetKept();
        Assert.Equal("box scribbled", kept.Label);
        Assert.Equal([1, 2, 99], kept.Lists["a"]);
    }

    [Fact]
    public async Task Member_WithoutAnId_DoesNotCross()
    {
        var parcel = NewParcel();
        parcel.NotSent = "secret";

        var returned = await Grain.Scribble(parcel);

        Assert.True(string.IsNullOrEmpty(returned.NotSent));
        Assert.Equal("inner", returned.Inner!.Label);
    }

    [Fact]
    public async Task Values_OfEveryKindInUse_Cross()
    {
        var slip = await Grain.EchoSlip(new("name", [1, 2, 3]));
        Assert.Equal("name", slip.Name);
        Assert.Equal([1, 2, 3], slip.Numbers);
        Assert.Equal([3, 2, 1], await Grain.Reverse([1, 2, 3]));
        Assert.Equal([1, 2], (await Grain.EchoSealed(new([1, 2]))).Bytes);
        Assert.Equal([1, 2], (await Grain.EchoImmutable(new byte[] { 1, 2 }.AsImmutable())).Value);
        Assert.Equal((1, "one"), await Grain.EchoTuple((1, "one")));
        Assert.Equal((2, null), await Grain.EchoTuple((2, null)));
    }

    [Fact]
    public async Task Result_WithoutASerializer_FailsTheCall() =>
        await Assert.ThrowsAsync<CodecNotFoundException>(Grain.GetContraband);

    [Fact]
    public async Task Identity_IsMadeOfTypeAndKey()
    {
        Assert.Equal(GrainId.Create("value", _key.ToString("N")), Grain.GetGrainId());
        Assert.Equal(Grain.GetGrainId(), await Grain.GetIdentity());
        Assert.Equal(_key, Grain.GetPrimaryKey());
        Assert.Equal(0xBEEF, cluster.Client.GetGrain<IPlacedGrain>(0xBEEF).GetPrimaryKeyLong());
        Assert.Equal("placed/BEEF", cluster.Client.GetGrain<IPlacedGrain>(0xBEEF).GetGrainId().ToString());
        Assert.Equal("a key", cluster.Client.GetGrain<INewsGrain>("a key").GetPrimaryKeyString());
    }

    [Fact]
    public async Task Reference_ThatCrosses_IsEqualAndCallable()
    {
        var self = await Grain.GetSelf();

        Assert.Equal(Grain, self);
        Assert.Equal(Grain.GetHashCode(), self.GetHashCode());
        var other = cluster.Client.GetGrain<ITurnGrain>("other", typeof(TurnGrain).FullName);
        Assert.Equal("pong", await self.Call(other));
        Assert.Equal("pong", await cluster.Client.GetGrain<ITurnGrain>(other.GetGrainId()).Ping());
    }

    [Fact]
    public void SiloAddress_WrittenAndRead_IsEqual()
    {
        var address = SiloAddress.New(System.Net.IPAddress.Loopback, 11111, 42);

        Assert.Equal("127.0.0.1:11111@42", address.ToParsableString());
        Assert.Equal(address, SiloAddress.FromParsableString(address.ToParsableString()));
        Assert.True(address.IsPredecessorOf(SiloAddress.New(System.Net.IPAddress.Loopback, 11111, 43)));
    }

    private static Parcel NewParcel() => new()
    {
        Label = "box",
        Bytes = [1, 2, 3],
        Lists = { ["a"] = [1, 2] },
        Inner = new() { Label = "inner" },
    };
}
