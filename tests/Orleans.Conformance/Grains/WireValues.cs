using System.Net;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

[GenerateSerializer]
public enum Color : byte
{
    None = 0,
    Red = 1,
    Blue = 200,
}

/// <summary>A member of every type that wire records use.</summary>
[GenerateSerializer, Alias("conformance.AllKinds")]
public sealed record AllKinds
{
    [Id(0)]
    public bool Bool { get; init; }

    [Id(1)]
    public int Int { get; init; }

    [Id(2)]
    public long Long { get; init; }

    [Id(3)]
    public double Double { get; init; }

    [Id(4)]
    public decimal Decimal { get; init; }

    [Id(5)]
    public string? Text { get; init; }

    [Id(6)]
    public byte[]? Bytes { get; init; }

    [Id(7)]
    public Color Color { get; init; }

    [Id(8)]
    public int? Maybe { get; init; }

    [Id(9)]
    public Guid Guid { get; init; }

    [Id(10)]
    public DateTime DateTime { get; init; }

    [Id(11)]
    public DateTimeOffset DateTimeOffset { get; init; }

    [Id(12)]
    public TimeSpan TimeSpan { get; init; }

    [Id(13)]
    public SiloAddress? Silo { get; init; }

    [Id(14)]
    public GrainId Grain { get; init; }

    [Id(15)]
    public IPEndPoint? EndPoint { get; init; }

    [Id(16)]
    public List<string>? List { get; init; }

    [Id(17)]
    public Dictionary<string, int>? Dictionary { get; init; }

    [Id(18)]
    public HashSet<long>? Set { get; init; }

    [Id(19)]
    public Point[]? Points { get; init; }

    [Id(20)]
    public object? Anything { get; init; }

    [Id(21)]
    public char Char { get; init; }

    [Id(22)]
    public ulong Unsigned { get; init; }

    [Id(23)]
    public float Float { get; init; }
}

[GenerateSerializer, Immutable, Alias("conformance.Point")]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int Y);

[GenerateSerializer, Alias("conformance.Shape")]
public abstract class Shape
{
    [Id(0)]
    public string Name { get; set; } = "";
}

[GenerateSerializer, Alias("conformance.Circle")]
public sealed class Circle : Shape
{
    [Id(0)]
    public int Radius { get; set; }
}

[GenerateSerializer, Alias("conformance.Node")]
public sealed class Node
{
    [Id(0)]
    public Node? Next { get; set; }

    [Id(1)]
    public int Value { get; set; }
}

[GenerateSerializer, Alias("conformance.VersionOne")]
public sealed class VersionOne
{
    [Id(0)]
    public int Kept { get; set; }

    [Id(1)]
    public List<string> Dropped { get; set; } = [];

    [Id(3)]
    public string AlsoKept { get; set; } = "";
}

[GenerateSerializer, Alias("conformance.VersionTwo")]
public sealed class VersionTwo
{
    [Id(0)]
    public int Kept { get; set; }

    [Id(2)]
    public string Added { get; set; } = "default";

    [Id(3)]
    public string AlsoKept { get; set; } = "";
}

[GenerateSerializer, Alias("conformance.RefusedException")]
public sealed class RefusedException : Exception
{
    public RefusedException()
    {
    }

    public RefusedException(string message)
        : base(message)
    {
    }

    public RefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    [Id(0)]
    public int Code { get; set; }
}
