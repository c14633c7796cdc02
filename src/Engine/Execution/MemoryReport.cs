using System.Diagnostics;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Execution;

/// <summary>What the data costs in memory, and what the process takes from the system.</summary>
public static class MemoryReport
{
    private static readonly long StartupBytes = SlabHeap.AllocatedBytes;
    private static long _peakBytes;

    /// <summary>
    /// Bytes that data and its bookkeeping take: native blocks by capacity, and the managed objects that lead to them. It is what
    /// maxmemory is compared with.
    /// </summary>
    public static long UsedBytes
    {
        get
        {
            var used = SlabHeap.AllocatedBytes + ManagedBytes;
            if (used > Volatile.Read(ref _peakBytes)) Volatile.Write(ref _peakBytes, used);
            return used;
        }
    }

    /// <summary>The most that <see cref="UsedBytes"/> has been when it was read.</summary>
    public static long PeakBytes => Math.Max(UsedBytes, Volatile.Read(ref _peakBytes));

    /// <summary>Used bytes when the process began.</summary>
    public static long StartBytes => StartupBytes;

    /// <summary>Bytes of managed objects that survived the last garbage collection; what is garbage is not counted.</summary>
    public static long ManagedBytes
    {
        get
        {
            var info = GC.GetGCMemoryInfo(GCKind.Any);
            return info.Index == 0 ? 0 : info.HeapSizeBytes - info.FragmentedBytes;
        }
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
