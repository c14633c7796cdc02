using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansKv.Contracts;

/// <summary>The slot of a key, as the Redis Cluster specification defines it: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384.</summary>
public static class SlotHash
{
    /// <summary>Slots of a cluster.</summary>
    public const int SlotCount = 16384;

    private static readonly ushort[] Table = BuildTable();

    /// <summary>The slot (0 to 16383) of <paramref name="key"/>.</summary>
    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var length = key[(open + 1)..].IndexOf((byte)'}');
            if (length > 0) key = key.Slice(open + 1, length);
        }

        return Crc16(key) & (SlotCount - 1);
    }

    /// <summary>CRC16 with polynomial 0x1021 and initial value 0.</summary>
    public static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        // Two bytes a step through two tables halve the chain of dependent loads.
        ref var table = ref MemoryMarshal.GetArrayDataReference(Table);
        uint crc = 0;
        var i = 0;
        for (; i + 1 < bytes.Length; i += 2)
        {
            crc = Unsafe.Add(ref table, 256 + (nint)((crc >> 8) ^ bytes[i])) ^ (uint)Unsafe.Add(ref table, (nint)((crc & 0xff) ^ bytes[i + 1]));
        }

        if (i < bytes.Length) crc = ((crc << 8) & 0xffff) ^ Unsafe.Add(ref table, (nint)((crc >> 8) ^ bytes[i]));
        return (ushort)crc;
    }

    // The first 256 entries advance by one byte, the next 256 by two.
    private static ushort[] BuildTable()
    {
        var table = new ushort[512];
        for (var i = 0; i < 256; i++)
        {
            var crc = (ushort)(i << 8);
            for (var bit = 0; bit < 8; bit++) crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            table[i] = crc;
        }

        for (var i = 0; i < 256; i++) table[256 + i] = (ushort)((table[i] << 8) ^ table[table[i] >> 8]);
        return table;
    }
}
