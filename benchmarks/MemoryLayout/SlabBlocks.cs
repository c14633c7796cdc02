using System.Numerics;
using System.Runtime.InteropServices;

namespace OrleansKv.MemoryLayout;

/// <summary>
/// A slab allocator small enough to be read in a minute: eight (or four) size classes per doubling, pages of 64 KiB that lie on 64 KiB
/// boundaries (so a block's page is its address with the low bits cleared), and a magazine of free blocks per thread and class, so that
/// the lock of a class is taken once per 32 blocks. A page that becomes empty can serve any class.
/// </summary>
internal unsafe struct SlabBlocks : IBlocks
{
    private const int PageSize = 64 * 1024;
    private const int PagesPerRegion = 64;
    private const int PageHeadSize = 64;
    private const int MaxSlabSize = 4096;
    private const int MagazineSize = 64;

    /// <summary>Read once, by the first use of the allocator: 3 for eight size classes per doubling, 2 for four.</summary>
    private static readonly int s_classesPerDoublingLog2 = SlabSettings.ClassesPerDoublingLog2;

    private static readonly SizeClass[] s_classes = [.. Enumerable.Range(0, ClassOf(MaxSlabSize) + 1).Select(i => new SizeClass(i))];
    private static readonly PagePool s_pool = new();

    [ThreadStatic]
    private static Magazine[]? t_magazines;

    public static nint Allocate(int size)
    {
        if (size > MaxSlabSize)
        {
            return (nint)NativeMemory.Alloc((nuint)size);
        }
        int index = ClassOf(size);
        Magazine magazine = (t_magazines ??= NewMagazines())[index];
        if (magazine.Count == 0)
        {
            s_classes[index].Fill(magazine);
        }
        return magazine.Blocks[--magazine.Count];
    }

    public static void Free(nint block, int size)
    {
        if (size > MaxSlabSize)
        {
            NativeMemory.Free((void*)block);
            return;
        }
        int index = ClassOf(size);
        Magazine magazine = (t_magazines ??= NewMagazines())[index];
        if (magazine.Count == MagazineSize)
        {
            s_classes[index].Drain(magazine);
        }
        magazine.Blocks[magazine.Count++] = block;
    }

    public static int Occupied(int size) => size > MaxSlabSize ? MallocBlocks.Occupied(size) : SizeOfClass(ClassOf(size));

    /// <summary>With eight classes per doubling 8, 16, … 128, 144, … 256, 288, …; with four 8, 16, … 64, 80, … 128, 160, …</summary>
    private static int ClassOf(int size)
    {
        int perDoubling = 1 << s_classesPerDoublingLog2;
        if (size <= 16 * perDoubling)
        {
            return (size - 1) >> 3;
        }
        int shift = BitOperations.Log2((uint)(size - 1)) - s_classesPerDoublingLog2;
        return perDoubling + ((shift - 4) * perDoubling) + ((size - 1) >> shift);
    }

    private static int SizeOfClass(int index)
    {
        int perDoubling = 1 << s_classesPerDoublingLog2;
        if (index < 2 * perDoubling)
        {
            return (index + 1) * 8;
        }
        int above = index - (2 * perDoubling);
        return ((above % perDoubling) + perDoubling + 1) << (4 + (above / perDoubling));
    }

    private static Magazine[] NewMagazines() => [.. s_classes.Select(_ => new Magazine())];

    private sealed class Magazine
    {
        public readonly nint[] Blocks = new nint[MagazineSize];
        public int Count;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Page
    {
        public Page* Next;
        public Page* Previous;
        public nint FreeBlocks;
        public int NeverUsedOffset;
        public int UsedCount;
    }

    /// <summary>The pages of one class that have room, under one lock.</summary>
    private sealed class SizeClass(int index)
    {
        private readonly Lock _lock = new();
        private readonly int _blockSize = SizeOfClass(index);
        private readonly int _capacity = (PageSize - PageHeadSize) / SizeOfClass(index);
        private Page* _withRoom;

        public void Fill(Magazine magazine)
        {
            lock (_lock)
            {
                while (magazine.Count < MagazineSize / 2)
                {
                    magazine.Blocks[magazine.Count++] = Take();
                }
            }
        }

        public void Drain(Magazine magazine)
        {
            lock (_lock)
            {
                while (magazine.Count > MagazineSize / 2)
                {
                    GiveBack(magazine.Blocks[--magazine.Count]);
                }
            }
        }

        private nint Take()
        {
            if (_withRoom == null)
            {
                Page* fresh = s_pool.Take();
                *fresh = new Page { NeverUsedOffset = PageHeadSize };
                Link(fresh);
            }
            Page* page = _withRoom;
            nint block = page->FreeBlocks;
            if (block != 0)
            {
                page->FreeBlocks = *(nint*)block;
            }
            else
            {
                block = (nint)page + page->NeverUsedOffset;
                page->NeverUsedOffset += _blockSize;
            }
            if (++page->UsedCount == _capacity)
            {
                Unlink(page);
            }
            return block;
        }

        private void GiveBack(nint block)
        {
            Page* page = (Page*)(block & ~(nint)(PageSize - 1));
            *(nint*)block = page->FreeBlocks;
            page->FreeBlocks = block;
            if (page->UsedCount-- == _capacity)
            {
                Link(page);
            }
            if (page->UsedCount == 0)
            {
                Unlink(page);
                s_pool.GiveBack(page);
            }
        }

        private void Link(Page* page)
        {
            page->Previous = null;
            page->Next = _withRoom;
            if (_withRoom != null)
            {
                _withRoom->Previous = page;
            }
            _withRoom = page;
        }

        private void Unlink(Page* page)
        {
            if (page->Previous == null)
            {
                _withRoom = page->Next;
            }
            else
            {
                page->Previous->Next = page->Next;
            }
            if (page->Next != null)
            {
                page->Next->Previous = page->Previous;
            }
        }
    }

    /// <summary>Pages that no class uses. Regions come from the system untouched, so what was never handed out is not resident.</summary>
    private sealed class PagePool
    {
        private readonly Lock _lock = new();
        private Page* _empty;
        private byte* _region;
        private int _pagesLeft;

        public Page* Take()
        {
            lock (_lock)
            {
                if (_empty != null)
                {
                    Page* page = _empty;
                    _empty = page->Next;
                    return page;
                }
                if (_pagesLeft == 0)
                {
                    _region = (byte*)NativeMemory.AlignedAlloc(PageSize * PagesPerRegion, PageSize);
                    _pagesLeft = PagesPerRegion;
                }
                return (Page*)(_region + (--_pagesLeft * PageSize));
            }
        }

        public void GiveBack(Page* page)
        {
            lock (_lock)
            {
                page->Next = _empty;
                _empty = page;
            }
        }
    }
}

/// <summary>Set before the first store is made.</summary>
internal static class SlabSettings
{
    public static int ClassesPerDoublingLog2 { get; set; } = 3;
}
