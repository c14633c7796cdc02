using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Values as bytes: what is written by one process is read by another, of this version or the next.</summary>
public abstract class SerializerTests(ICluster cluster)
{
    protected Serializer Serializer => cluster.Client.ServiceProvider.GetRequiredService<Serializer>();

    public static AllKinds NewAllKinds() => new()
    {
        Bool = true,
        Int = int.MinValue,
        Long = long.MaxValue,
        Double = -0.5,
        Decimal = 1.50m,
        Text = "text with ünicode",
        Bytes = [0, 1, 255],
        Color = Color.Blue,
        Maybe = 7,
        Guid = Guid.Parse("01234567-89ab-cdef-0123-456789abcdef"),
        DateTime = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        DateTimeOffset = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
        TimeSpan = TimeSpan.FromMilliseconds(-3),
        Silo = SiloAddress.New(IPAddress.Loopback, 11111, 42),
        Grain = GrainId.Create("type", "key"),
        EndPoint = new(IPAddress.IPv6Loopback, 80),
        List = ["a", "", "b"],
        Dictionary = new() { ["one"] = 1 },
        Set = [1, 2],
        Points = [new(1, 2), new(-1, -2)],
        Anything = new Circle { Name = "round", Radius = 3 },
        Char = 'ü',
        Unsigned = ulong.MaxValue,
        Float = 1.25f,
    };

    [Fact]
    public void Values_OfEveryKind_AreReadAsWritten()
    {
        var value = NewAllKinds();

        var read = RoundTrip(value);

        Assert.Equal(value.Bytes, read.Bytes);
        Assert.Equal(value.List, read.List);
        Assert.Equal(value.Dictionary, read.Dictionary);
        Assert.Equal(value.Set, read.Set);
        Assert.Equal(value.Points, read.Points);
        var circle = Assert.IsType<Circle>(read.Anything);
        Assert.Equal(("round", 3), (circle.Name, circle.Radius));
        Assert.Equal(WithoutCollections(value), WithoutCollections(read));
        Assert.Equal(value.DateTime.Kind, read.DateTime.Kind);
        Assert.Equal(value.DateTimeOffset.Offset, read.DateTimeOffset.Offset);
    }

    [Fact]
    public void Values_ThatAreEmpty_AreReadAsWritten() => Assert.Equal(new AllKinds(), RoundTrip(new AllKinds()));

    [Fact]
    public void Object_OfADerivedType_KeepsItsType() =>
        Assert.Equal(3, Assert.IsType<Circle>(RoundTrip<Shape>(new Circle { Radius = 3 })).Radius);

    [Fact]
    public void Object_MetTwice_IsOne()
    {
        var circle = new Circle();

        var read = RoundTrip(new List<Shape> { circle, new Circle(), circle });

        Assert.Same(read[0], read[2]);
        Assert.NotSame(read[0], read[1]);
    }

    [Fact]
    public void Object_InACircle_IsReadAsOne()
    {
        var node = new Node { Value = 1 };
        node.Next = new() { Value = 2, Next = node };

        var read = RoundTrip(node);

        Assert.Same(read, read.Next!.Next);
        Assert.Equal(2, read.Next.Value);
    }

    [Fact]
    public void Boxed_Values_KeepTheirTypes()
    {
        object?[] values = [1, "text", null, 2L, Guid.Empty, new Point(1, 2), true, new byte[] { 1 }, new int[] { 2 }, Color.Red];

        Assert.Equal(values, RoundTrip(values));
    }

    [Fact]
    public void Dictionary_OfAnotherComparer_KeepsIt() => Assert.Equal(
        1, RoundTrip(new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase) { ["KEY"] = 1 })["key"]);

    [Fact]
    public void Tuples_AreReadAsWritten()
    {
        Assert.Equal((1, "one", (2, 3)), RoundTrip((1, "one", (2, 3))));
        Assert.Equal(Tuple.Create(1, "one"), RoundTrip(Tuple.Create(1, "one")));
        Assert.Equal(new KeyValuePair<string, int>("a", 1), RoundTrip(new KeyValuePair<string, int>("a", 1)));
    }

    [Fact]
    public void Members_OfAnotherVersion_AreSkippedOrDefault()
    {
        var read = Serializer.Deserialize<VersionTwo>(Serializer.SerializeToArray(
            new VersionOne { Kept = 5, Dropped = ["a", "b"], AlsoKept = "kept" }))!;

        Assert.Equal(5, read.Kept);
        Assert.Equal("default", read.Added);
        Assert.Equal("kept", read.AlsoKept);
    }

    [Fact]
    public void Exception_Thrown_KeepsTypeMessageStackAndMembers()
    {
        var read = RoundTrip<Exception>(Thrown(new RefusedException("refused", new InvalidOperationException("inner")) { Code = 9 }));

        var refused = Assert.IsType<RefusedException>(read);
        Assert.Equal("refused", refused.Message);
        Assert.Equal(9, refused.Code);
        Assert.Contains(nameof(Thrown), refused.StackTrace, StringComparison.Ordinal);
        Assert.Equal("inner", Assert.IsType<InvalidOperationException>(refused.InnerException).Message);
        Assert.IsType<SiloUnavailableException>(RoundTrip<Exception>(new SiloUnavailableException("gone")));
        Assert.IsType<TimeoutException>(RoundTrip<Exception>(new TimeoutException("late")));
    }

    [Fact]
    public void Reference_Written_IsReadAsEqualAndCallable()
    {
        var grain = cluster.Client.GetGrain<INewsGrain>("key");

        Assert.Equal(grain, RoundTrip(grain));
    }

    [Fact]
    public void Value_WithoutASerializer_IsRefused() =>
        Assert.Throws<CodecNotFoundException>(() => Serializer.SerializeToArray<object>(new Contraband()));

    [Fact]
    public void Bytes_ThatEndEarly_AreRefused()
    {
        var bytes = Serializer.SerializeToArray(NewAllKinds());

        for (int length = 0; length < bytes.Length; length++)
            Assert.ThrowsAny<Exception>(() => Serializer.Deserialize<AllKinds>(bytes[..length]));
    }

    private static AllKinds WithoutCollections(AllKinds value) =>
        value with { Bytes = null, List = null, Dictionary = null, Set = null, Points = null, Anything = null };

    private static T Thrown<T>(T exception)
        where T : Exception
    {
        try
        {
            throw exception;
        }
        catch (T caught)
        {
            return caught;
        }
    }

    private T RoundTrip<T>(T value) => Serializer.Deserialize<T>(Serializer.SerializeToArray(value))!;
}
