using System.Diagnostics;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Execution;

/// <summary>What the data costs in memory, and what the process takes from the system.</summary>
/// <remarks>Everything is counted, but for what the process holds at its start: the garbage collector's numbers are those of its last run,
/// which may be long ago, and what it keeps back is not data.</remarks>
public static class MemoryReport
{
    // The slot table and whatever else the process holds before it has data.
    private static readonly long BaseBytes = GC.GetTotalMemory(forceFullCollection: false);

    private static long _peakBytes;
    private static long _objectBytes;
    private static long _clientBytes;

    /// <summary>
    /// Bytes that data and its bookkeeping take: native blocks by capacity, the managed objects that lead to them, and the clients with their
    /// buffers. It is what maxmemory is compared with.
    /// </summary>
    public static long UsedBytes => SlabHeap.AllocatedBytes + OverheadBytes;

    /// <summary>The most that <see cref="UsedBytes"/> has been when it was read.</summary>
    public static long PeakBytes => Math.Max(UsedBytes, Volatile.Read(ref _peakBytes));

    /// <summary>The part of <see cref="UsedBytes"/> that is not native blocks of the data. True within a tenth of a second.</summary>
    public static long OverheadBytes => BaseBytes + Volatile.Read(ref _objectBytes) + Volatile.Read(ref _clientBytes);

    /// <summary>Looks at what changes too often to be counted at every change; called some times a second.</summary>
    /// <param name="store">The store, for its collections.</param>
    /// <param name="clientBytes">What the clients of the gateway and their buffers take.</param>
    public static void Refresh(Store store, long clientBytes)
    {
        long collections = 0;
        foreach (var slot in store.Slots) collections += slot.CountCollections();
        Volatile.Write(ref _objectBytes, collections * Collection.ObjectBytes);
        Volatile.Write(ref _clientBytes, clientBytes);
        if (UsedBytes > Volatile.Read(ref _peakBytes)) Volatile.Write(ref _peakBytes, UsedBytes);
    }

    /// <summary>Resident bytes of the process.</summary>
    public static long ResidentBytes
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }
}
