using System.Diagnostics;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Execution;

/// <summary>What the data costs in memory, and what the process takes from the system.</summary>
public static class MemoryReport
{
    private static long _peakBytes;
    private static long _managedBytes;

    /// <summary>
    /// Bytes that data and its bookkeeping take: native blocks by capacity, and the managed objects that lead to them. It is what
    /// maxmemory is compared with.
    /// </summary>
    public static long UsedBytes => SlabHeap.AllocatedBytes + ManagedBytes;

    /// <summary>The most that <see cref="UsedBytes"/> has been when it was read.</summary>
    public static long PeakBytes => Math.Max(UsedBytes, Volatile.Read(ref _peakBytes));

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
