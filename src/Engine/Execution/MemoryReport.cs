using System.Diagnostics;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Execution;

/// <summary>What the data costs in memory, and what the process takes from the system.</summary>
public static class MemoryReport
{
    private static long _peakBytes;
    private static long _managedBytes;
    private static long _clientBytes;

    /// <summary>
    /// Bytes that data and its bookkeeping take: native blocks by capacity, the managed objects that lead to them, and the clients' buffers.
    /// It is what maxmemory is compared with.
    /// </summary>
    public static long UsedBytes => SlabHeap.AllocatedBytes + ManagedBytes + ClientBytes;

    /// <summary>The most that <see cref="UsedBytes"/> has been when it was read.</summary>
    public static long PeakBytes => Math.Max(UsedBytes, Volatile.Read(ref _peakBytes));

    /// <summary>Native bytes of the clients' buffers; the gateway says it some times a second.</summary>
    public static long ClientBytes
    {
        get => Volatile.Read(ref _clientBytes);
        set => Volatile.Write(ref _clientBytes, value);
    }

    /// <summary>Bytes of managed objects that survived the last garbage collection; what is garbage is not counted.</summary>
    public static long ManagedBytes => Volatile.Read(ref _managedBytes);

    /// <summary>Looks at the managed heap anew; called some times a second, since it is too slow to do for every command.</summary>
    public static void Refresh()
    {
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        var bytes = info.Index == 0 ? GC.GetTotalMemory(false) : info.HeapSizeBytes - info.FragmentedBytes;
        Volatile.Write(ref _managedBytes, bytes);
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
