namespace OrleansKv.Drill.Client;

/// <summary>The slot of a key, as the Redis Cluster specification defines it: CRC16/XMODEM of the key, or of its hash tag.</summary>
internal static class HashSlot
{
    public const int Count = 16384;

    private const ushort Polynomial = 0x1021;

    public static int Of(string key)
    {
        int open = key.IndexOf('{', StringComparison.Ordinal);
        int close = open < 0 ? -1 : key.IndexOf('}', open + 1);
        ReadOnlySpan<char> hashed = close > open + 1 ? key.AsSpan(open + 1, close - open - 1) : key;
        ushort crc = 0;
        foreach (char c in hashed)
        {
            crc ^= (ushort)(c << 8);
            for (int bit = 0; bit < 8; bit++)
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ Polynomial : crc << 1);
        }
        return crc % Count;
    }

    /// <summary>A key that starts so and whose slot lies in the group, when the slots are cut into so many groups of equal size.</summary>
    public static string KeyIn(string prefix, int group, int groups)
    {
        for (int tag = 0; ; tag++)
        {
            string key = $"{prefix}{{{tag}}}";
            if (Of(key) * groups / Count == group)
                return key;
        }
    }
}
