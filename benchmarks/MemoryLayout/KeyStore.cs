using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OrleansKv.MemoryLayout;

/// <summary>
/// A keyspace of 16384 slots, one small hash table each, in one of the layouts under comparison. Every table is locked on its own, so
/// the cost of the lock is the same in all layouts and does not blur the comparison.
/// </summary>
internal abstract class KeyStore
{
    public const int SlotCount = 16384;

    /// <summary>Buckets of a table that holds its first key.</summary>
    protected const int InitialBuckets = 4;

    /// <summary>Copies the value to <paramref name="destination"/>; its length, or -1 where there is no such key.</summary>
    public abstract int Get(ReadOnlySpan<byte> key, ulong hash, Span<byte> destination);

    public abstract void Set(ReadOnlySpan<byte> key, ulong hash, ReadOnlySpan<byte> value);

    public abstract bool Delete(ReadOnlySpan<byte> key, ulong hash);

    /// <summary>The low bits choose the slot, the high 32 bits the bucket, as the two must be independent.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)key.Length * Multiplier;
        while (key.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key));
            key = key[sizeof(ulong)..];
        }
        foreach (byte b in key)
        {
            hash = (hash ^ b) * Multiplier;
        }
        return Mix(hash);

        static ulong Mix(ulong x)
        {
            x = (x ^ (x >> 31)) * Multiplier;
            return x ^ (x >> 29);
        }
    }

    public static KeyStore Create(string layout) => layout switch
    {
        "managed-entry" => new ManagedEntryStore(),
        "managed-array" => new ManagedArrayStore(),
        "slab-8" => CreateSlab(classesPerDoublingLog2: 3),
        "slab-4" => CreateSlab(classesPerDoublingLog2: 2),
        "malloc" => new NativeStore<MallocBlocks>(),
        _ => throw new ArgumentException($"unknown layout '{layout}'"),
    };

    private static NativeStore<SlabBlocks> CreateSlab(int classesPerDoublingLog2)
    {
        SlabSettings.ClassesPerDoublingLog2 = classesPerDoublingLog2;
        return new NativeStore<SlabBlocks>();
    }

    protected static int SlotOf(ulong hash) => (int)(hash & (SlotCount - 1));

    protected static uint TagOf(ulong hash) => (uint)(hash >> 32);
}

/// <summary>What stands before key and value in every layout; the native ones put the chain pointer before it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryHeader
{
    public uint Tag;
    public uint LastAccess;
    public int ValueLength;
    public ushort KeyLength;
    public ushort TypeAndFlags;

    public const int Size = 16;
}
