using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Types;

/// <summary>A value that holds others: a list, a hash, a set, a sorted set.</summary>
/// <remarks>A thin managed object whose contents are native. It is owned by one key, is used under the slot lock, and frees its
/// contents once, when its key is gone. No collection is ever empty while its key exists.</remarks>
public abstract class Collection
{
    /// <summary>What the managed object of a small collection and its place in the slot's table take, about.</summary>
    public const int ObjectBytes = 72;

    /// <summary>The type that TYPE and WRONGTYPE checks see.</summary>
    public abstract KeyType Type { get; }

    /// <summary>Elements, fields or members.</summary>
    public abstract long Count { get; }

    /// <summary>The name that OBJECT ENCODING gives: "listpack", "hashtable" …</summary>
    public abstract string EncodingName { get; }

    /// <summary>Native bytes of the contents, for MEMORY USAGE; may be an estimate from samples for big ones.</summary>
    public abstract long NativeBytes { get; }

    /// <summary>How many allocations <see cref="Free"/> gives back, roughly: what decides whether freeing is left to the background.</summary>
    public abstract long FreeEffort { get; }

    /// <summary>A copy that shares nothing with this one, for COPY.</summary>
    public abstract Collection Clone();

    /// <summary>Frees the contents. Called once, by any thread, when no key leads to the object any more.</summary>
    public abstract void Free();
}
