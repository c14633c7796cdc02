// Stands for Orleans.Concurrency: ReentrantAttribute, AlwaysInterleaveAttribute, ReadOnlyAttribute, OneWayAttribute, Immutable<T>
// and ImmutableExtensions.
namespace Orleans.Concurrency;

/// <summary>Calls of the grain may begin while others of it wait at an await; turns never overlap all the same.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute
{
}

/// <summary>The method may begin while any other call of the grain is running, and any other while it is.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute
{
}

/// <summary>The method may interleave with other calls that are read-only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute
{
}

/// <summary>The caller does not wait for the call, nor learns how it ended.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute
{
}

/// <summary>A value that neither side will change, so that it need not be copied.</summary>
[GenerateSerializer, Immutable]
public readonly struct Immutable<T>(T value)
{
    [Id(0)]
    public readonly T Value = value;
}

public static class ImmutableExtensions
{
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
