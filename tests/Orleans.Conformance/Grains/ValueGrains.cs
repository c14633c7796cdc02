using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

[GenerateSerializer, Alias("conformance.Parcel")]
public sealed class Parcel
{
    [Id(0)]
    public string Label { get; set; } = "";

    [Id(1)]
    public byte[] Bytes { get; set; } = [];

    [Id(2)]
    public Dictionary<string, List<int>> Lists { get; set; } = [];

    [Id(3)]
    public Parcel? Inner { get; set; }

    /// <summary>Has no [Id] and so does not cross.</summary>
    [NonSerialized]
    public string NotSent = "";
}

[GenerateSerializer, Alias("conformance.Slip")]
public sealed record Slip(string Name, int[] Numbers);

[GenerateSerializer, Immutable, Alias("conformance.Sealed")]
public sealed class SealedBytes(byte[] bytes)
{
    [Id(0)]
    public byte[] Bytes { get; } = bytes;
}

/// <summary>Has no serializer.</summary>
public sealed class Contraband
{
    public int Weight { get; set; }
}

[Alias("conformance.IValueGrain")]
public interface IValueGrain : IGrainWithGuidKey
{
    /// <summary>Keeps the argument, changes it, and returns it.</summary>
    [Alias("Scribble")]
    Task<Parcel> Scribble(Parcel parcel);

    [Alias("GetKept")]
    Task<Parcel> GetKept();

    [Alias("EchoSlip")]
    Task<Slip> EchoSlip(Slip slip);

    [Alias("Reverse")]
    Task<byte[]> Reverse([Immutable] byte[] bytes);

    [Alias("EchoSealed")]
    Task<SealedBytes> EchoSealed(SealedBytes bytes);

    [Alias("EchoImmutable")]
    Task<Immutable<byte[]>> EchoImmutable(Immutable<byte[]> bytes);

    [Alias("EchoTuple")]
    Task<(int Number, string? Text)> EchoTuple((int Number, string? Text) tuple);

    [Alias("GetContraband")]
    Task<object> GetContraband();

    [Alias("GetIdentity")]
    Task<GrainId> GetIdentity();

    [Alias("GetSelf")]
    Task<IValueGrain> GetSelf();

    /// <summary>Calls another grain that is handed over as a reference.</summary>
    [Alias("Call")]
    Task<string> Call(ITurnGrain other);
}

public class ValueGrain : Grain, IValueGrain
{
    private Parcel _kept = new();

    public Task<Parcel> Scribble(Parcel parcel)
    {
        _kept = parcel;
        parcel.Label += " scribbled";
        parcel.Bytes[0]++;
        parcel.Lists["a"].Add(99);
        return Task.FromResult(parcel);
    }

    public Task<Parcel> GetKept() => Task.FromResult(_kept);

    public Task<Slip> EchoSlip(Slip slip) => Task.FromResult(slip);

    public Task<byte[]> Reverse(byte[] bytes) => Task.FromResult<byte[]>([.. bytes.Reverse()]);

    public Task<SealedBytes> EchoSealed(SealedBytes bytes) => Task.FromResult(bytes);

    public Task<Immutable<byte[]>> EchoImmutable(Immutable<byte[]> bytes) => Task.FromResult(bytes);

    public Task<(int Number, string? Text)> EchoTuple((int Number, string? Text) tuple) => Task.FromResult(tuple);

    public Task<object> GetContraband() => Task.FromResult<object>(new Contraband());

    public Task<GrainId> GetIdentity() => Task.FromResult(this.GetGrainId());

    public Task<IValueGrain> GetSelf() => Task.FromResult(this.AsReference<IValueGrain>());

    public Task<string> Call(ITurnGrain other) => other.Ping();
}
