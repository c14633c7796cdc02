using System.Text;

namespace OrleansKv.Contracts;

/// <summary>A key, a value or an argument: bytes, or a string that stands for its UTF-8 bytes.</summary>
public readonly struct KvBytes(ReadOnlyMemory<byte> value)
{
    public ReadOnlyMemory<byte> Value { get; } = value;

    public ReadOnlySpan<byte> Span => Value.Span;

    public static implicit operator KvBytes(string text) => new(Encoding.UTF8.GetBytes(text));

    public static implicit operator KvBytes(byte[] bytes) => new(bytes);

    public static implicit operator KvBytes(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>The bytes read as UTF-8.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
