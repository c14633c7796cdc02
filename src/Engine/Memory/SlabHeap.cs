using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansKv.Engine.Memory;

/// <summary>
/// The native memory that keys and values live in: size classes in steps of at most 12.5 %, cut from 64 KiB pages.
/// </summary>
/// <remarks>
/// Why not the managed heap: see docs/adr/0001. Why not malloc: blocks here carry no header, so a block of a class costs its class
/// size and nothing more, and what is in use is known exactly.
/// <para>Each thread has a magazine of free blocks per class and reaches the shared pages, which have one lock per class, only for
/// batches. A block may be freed by another thread than the one that allocated it. Blocks above <see cref="MaxSmallBytes"/> come from
/// the C heap, with their capacity in a prefix.</para>
/// <para>The caller keeps the size class that <see cref="Allocate"/> gives and hands it back with the block. Freeing twice, or with a
/// wrong class, corrupts the heap, which is why only the few owners of blocks in Memory, Keyspace and Types do it.</para>
/// </remarks>
public static unsafe class SlabHeap
{
    /// <summary>Largest block that comes from a slab page, in bytes.</summary>
    public const int MaxSmallBytes = 4096;

    /// <summary>The size class of blocks above <see cref="MaxSmallBytes"/>.</summary>
    public const byte LargeClass = 255;

    internal const int ClassCount = 56;
    private const int LargePrefixBytes = 16;

    private static readonly int[] ClassBytes = BuildClasses();
    private static readonly SlabPages[] Pages = BuildPages();
    private static readonly Lock CachesLock = new();
    private static readonly List<ThreadCache> Caches = [];
    private static long _retiredBytes;

    [ThreadStatic]
    private static ThreadCache? _cache;

    private struct Magazine
    {
        public byte* Head;
        public int Count;
    }

    /// <summary>Bytes in blocks that are handed out, by capacity: what the data costs. Read without a lock, so true within a moment.</summary>
    public static long AllocatedBytes
    {
        get
        {
            lock (CachesLock)
            {
                var sum = Volatile.Read(ref _retiredBytes);
                foreach (var cache in Caches) sum += Volatile.Read(ref cache.AllocatedBytes);
                return sum;
            }
        }
    }

    /// <summary>Bytes of slab pages held from the system, in use or not.</summary>
    public static long PageBytesHeld => SlabRegions.HeldBytes;

    /// <summary>Allocates a block of at least <paramref name="bytes"/> bytes, whose content is undefined.</summary>
    /// <param name="bytes">Size wanted, at least 1.</param>
    /// <param name="sizeClass">Hand this back to <see cref="Free"/> and <see cref="Capacity"/>.</param>
    public static byte* Allocate(long bytes, out byte sizeClass)
    {
        if (bytes > MaxSmallBytes) return AllocateLarge(bytes, out sizeClass);
        var index = ClassOf((int)bytes);
        sizeClass = (byte)index;
        var cache = _cache ?? NewCache();
        cache.AllocatedBytes += ClassBytes[index];
        ref var magazine = ref cache.Magazines[index];
        var block = magazine.Head;
        if (block == null) return Refill(ref magazine, index);
        magazine.Head = *(byte**)block;
        magazine.Count--;
        return block;
    }

    /// <summary>As <see cref="Allocate"/>, all zero.</summary>
    public static byte* AllocateZeroed(long bytes, out byte sizeClass)
    {
        var block = Allocate(bytes, out sizeClass);
        NativeMemory.Clear(block, (nuint)bytes);
        return block;
    }

    /// <summary>Takes a block back.</summary>
    public static void Free(byte* block, byte sizeClass)
    {
        var cache = _cache ?? NewCache();
        if (sizeClass == LargeClass)
        {
            cache.AllocatedBytes -= *(long*)(block - LargePrefixBytes) + LargePrefixBytes;
            NativeMemory.Free(block - LargePrefixBytes);
            return;
        }

        cache.AllocatedBytes -= ClassBytes[sizeClass];
        ref var magazine = ref cache.Magazines[sizeClass];
        *(byte**)block = magazine.Head;
        magazine.Head = block;
        if (++magazine.Count >= 2 * SlabPages.BatchOf(ClassBytes[sizeClass])) Drain(ref magazine, sizeClass, magazine.Count / 2);
    }

    /// <summary>Bytes that the block can hold.</summary>
    public static long Capacity(byte* block, byte sizeClass) =>
        sizeClass == LargeClass ? *(long*)(block - LargePrefixBytes) : ClassBytes[sizeClass];

    /// <summary>The capacity that a block of <paramref name="bytes"/> bytes will have.</summary>
    public static long CapacityFor(long bytes) => bytes > MaxSmallBytes ? bytes : ClassBytes[ClassOf((int)bytes)];

    // Classes: every 8 bytes up to 128, then eight to a doubling.
    private static int ClassOf(int bytes)
    {
        if (bytes <= 128) return (bytes + 7 >> 3) - 1;
        var log = BitOperations.Log2((uint)(bytes - 1));
        return 16 + ((log - 7) * 8) + (bytes - 1 - (1 << log) >> log - 3);
    }

    private static int[] BuildClasses()
    {
        var sizes = new int[ClassCount];
        for (var i = 0; i < 16; i++) sizes[i] = (i + 1) * 8;
        for (var i = 16; i < ClassCount; i++)
        {
            var doubling = (i - 16) / 8;
            var step = (i - 16) % 8;
            sizes[i] = (128 << doubling) + ((step + 1) * (16 << doubling));
        }

        return sizes;
    }

    private static SlabPages[] BuildPages()
    {
        var pages = new SlabPages[ClassCount];
        for (var i = 0; i < ClassCount; i++) pages[i] = new SlabPages(ClassBytes[i]);
        return pages;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ThreadCache NewCache()
    {
        var cache = new ThreadCache();
        lock (CachesLock) Caches.Add(cache);
        EndOfThread.Watch(cache);
        return _cache = cache;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* Refill(ref Magazine magazine, int index)
    {
        var head = Pages[index].Take(SlabPages.BatchOf(ClassBytes[index]), out var count);
        magazine.Head = *(byte**)head;
        magazine.Count = count - 1;
        return head;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drain(ref Magazine magazine, int index, int count)
    {
        magazine.Head = Pages[index].Return(magazine.Head, count);
        magazine.Count -= count;
    }

    private static byte* AllocateLarge(long bytes, out byte sizeClass)
    {
        sizeClass = LargeClass;
        var block = (byte*)NativeMemory.Alloc((nuint)(bytes + LargePrefixBytes));
        *(long*)block = bytes;
        (_cache ?? NewCache()).AllocatedBytes += bytes + LargePrefixBytes;
        return block + LargePrefixBytes;
    }

    private static void Retire(ThreadCache cache)
    {
        for (var i = 0; i < ClassCount; i++)
            if (cache.Magazines[i].Count > 0) Drain(ref cache.Magazines[i], i, cache.Magazines[i].Count);
        lock (CachesLock)
        {
            Caches.Remove(cache);
            _retiredBytes += cache.AllocatedBytes;
        }
    }

    private sealed class ThreadCache
    {
        public readonly Magazine[] Magazines = new Magazine[ClassCount];

        /// <summary>Allocated less freed by this thread, in bytes; negative where it frees what others allocated.</summary>
        public long AllocatedBytes;
    }

    // Reachable from its thread alone: when the thread has ended, the finalizer gives its blocks back to the pages.
    private sealed class EndOfThread(ThreadCache cache)
    {
        [ThreadStatic]
        private static EndOfThread? _ofThisThread;

        public static void Watch(ThreadCache cache) => _ofThisThread = new EndOfThread(cache);

        ~EndOfThread() => Retire(cache);
    }
}
