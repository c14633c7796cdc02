using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrleansKv.Engine.Memory;

/// <summary>The keyed hash of keys, fields and members: SipHash-1-3 (Aumasson and Bernstein), whose seed a whole cluster can share, so that a
/// SCAN cursor means the same on every copy of a slot.</summary>
public static class KeyHash
{
    private static ulong _seed0 = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
    private static ulong _seed1 = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Sets the seed. Only before the first key is stored.</summary>
    public static void SetSeed(UInt128 seed) => (_seed0, _seed1) = ((ulong)(seed >> 64), (ulong)seed);

    /// <summary>The hash of <paramref name="key"/>.</summary>
    public static ulong Of(ReadOnlySpan<byte> key)
    {
        var v0 = _seed0 ^ 0x736f6d6570736575;
        var v1 = _seed1 ^ 0x646f72616e646f6d;
        var v2 = _seed0 ^ 0x6c7967656e657261;
        var v3 = _seed1 ^ 0x7465646279746573;
        ref var at = ref MemoryMarshal.GetReference(key);
        var left = key.Length;
        while (left >= 8)
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref at);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            at = ref Unsafe.Add(ref at, 8);
            left -= 8;
        }

        var tail = (ulong)key.Length << 56;
        for (var i = 0; i < left; i++) tail |= (ulong)Unsafe.Add(ref at, i) << (8 * i);
        v3 ^= tail;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= tail;
        v2 ^= 0xff;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
