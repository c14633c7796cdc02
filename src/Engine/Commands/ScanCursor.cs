using OrleansKv.Contracts;

namespace OrleansKv.Engine.Commands;

/// <summary>A cursor of SCAN: the slot, and above it the cursor in the slot's table. Who has the slot goes on with it.</summary>
public static class ScanCursor
{
    internal const int SlotBits = 14;

    // 0 begins and ends a scan, so this is how one goes on with the first slot: bits above a table's size count for nothing in it.
    private const ulong FirstSlot = 1UL << 63;

    /// <summary>The slot where the cursor goes on; null where it is no cursor.</summary>
    public static int? SlotOf(ReadOnlySpan<byte> cursor) =>
        ScanOptions.TryParseCursor(cursor, out var number) ? (int)(number % SlotHash.SlotCount) : null;

    /// <summary>The cursor that goes on with the beginning of a slot.</summary>
    internal static ulong At(int slot) => slot == 0 ? FirstSlot : (ulong)slot;
}
