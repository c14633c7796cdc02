using System.Runtime.InteropServices;

namespace OrleansKv.Engine.Memory;

/// <summary>Where slab pages come from: regions of 2 MiB, each cut into pages that are aligned to their size.</summary>
/// <remarks>Asking the C heap for one aligned page at a time would leave a hole beside each. A region whose pages are all free goes back
/// to the system, but for a few that are kept.</remarks>
internal static unsafe class SlabRegions
{
    /// <summary>Bytes, and alignment, of a page.</summary>
    public const int PageBytes = 64 * 1024;

    private const int PagesPerRegion = 32;
    private const int MaxIdleRegions = 2;

    private static readonly Lock Gate = new();
    private static readonly List<Region> WithFreePages = [];
    private static readonly SortedList<nint, Region> ByAddress = [];
    private static int _idleCount;
    private static long _heldBytes;

    private sealed class Region(nint start)
    {
        public readonly nint Start = start;
        public readonly Stack<nint> FreePages = new(PagesPerRegion);
    }

    /// <summary>Bytes of all regions.</summary>
    public static long HeldBytes => Volatile.Read(ref _heldBytes);

    /// <summary>A page of undefined content.</summary>
    public static byte* TakePage()
    {
        lock (Gate)
        {
            if (WithFreePages.Count == 0) AddRegion();
            var region = WithFreePages[^1];
            if (region.FreePages.Count == PagesPerRegion) _idleCount--;
            var page = region.FreePages.Pop();
            if (region.FreePages.Count == 0) WithFreePages.RemoveAt(WithFreePages.Count - 1);
            return (byte*)page;
        }
    }

    /// <summary>Takes a page back.</summary>
    public static void ReturnPage(byte* page)
    {
        lock (Gate)
        {
            var region = RegionOf((nint)page);
            if (region.FreePages.Count == 0) WithFreePages.Insert(0, region);
            region.FreePages.Push((nint)page);
            if (region.FreePages.Count < PagesPerRegion) return;
            if (_idleCount < MaxIdleRegions) _idleCount++;
            else Release(region);
        }
    }

    private static void AddRegion()
    {
        const long Bytes = (long)PagesPerRegion * PageBytes;
        var region = new Region((nint)NativeMemory.AlignedAlloc((nuint)Bytes, PageBytes));
        for (var i = PagesPerRegion - 1; i >= 0; i--) region.FreePages.Push(region.Start + ((nint)i * PageBytes));
        ByAddress.Add(region.Start, region);
        WithFreePages.Add(region);
        _idleCount++;
        _heldBytes += Bytes;
    }

    private static void Release(Region region)
    {
        WithFreePages.Remove(region);
        ByAddress.Remove(region.Start);
        NativeMemory.AlignedFree((void*)region.Start);
        _heldBytes -= (long)PagesPerRegion * PageBytes;
    }

    // The region with the greatest start that is not above the page.
    private static Region RegionOf(nint page)
    {
        var starts = ByAddress.Keys;
        int low = 0, high = starts.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (starts[middle] <= page) low = middle;
            else high = middle - 1;
        }

        return ByAddress.Values[low];
    }
}
