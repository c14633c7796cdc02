// Stands for Orleans.Runtime.GrainId: the type and the key that together name one grain, written "type/key".
using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

[GenerateSerializer, Immutable]
public readonly struct GrainId : IEquatable<GrainId>
{
    public GrainId(GrainType type, IdSpan key)
    {
        Type = type;
        Key = key;
    }

    public GrainType Type { get; }

    public IdSpan Key { get; }

    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    public static GrainId Create(string type, string key) => new(GrainType.Create(type), IdSpan.Create(key));

    public static GrainId Create(GrainType type, string key) => new(type, IdSpan.Create(key));

    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    public static GrainId Parse(string value) =>
        TryParse(value, out var id) ? id : throw new FormatException($"Unable to parse '{value}' as a grain id.");

    public static bool TryParse([NotNullWhen(true)] string? value, out GrainId result)
    {
        int slash = value?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        result = slash < 0 ? default : Create(value![..slash], value[(slash + 1)..]);
        return slash >= 0;
    }

    public bool Equals(GrainId other) => Type.Equals(other.Type) && Key.Equals(other.Key);

    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type, Key);

    public override string ToString() => $"{Type}/{Key}";

    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}
