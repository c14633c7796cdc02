using System.Runtime.CompilerServices;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>Sorted integers in one native block, as wide as the widest of them needs: Redis's intset, byte for byte.</summary>
/// <remarks>
/// Layout: bytes per integer (4: 2, 4 or 8), count (4), integers in ascending order, all little-endian. Format: Redis's intset.h.
/// A struct that owns its block; it is copied only to hand it on. Under the slot lock.
/// </remarks>
public unsafe struct IntSet
{
    private const int HeaderBytes = 8;

    private byte* _block;
    private byte _class;

    private IntSet(int width, int count, long capacityBytes)
    {
        _block = SlabHeap.Allocate(capacityBytes, out _class);
        Width = width;
        Count = count;
    }

    public int Count
    {
        readonly get => *(int*)(_block + 4);
        private set => *(int*)(_block + 4) = value;
    }

    /// <summary>The blob as RDB holds it.</summary>
    public readonly ReadOnlySpan<byte> Bytes => new(_block, BytesOf(Count, Width));

    /// <summary>Native bytes of the block.</summary>
    public readonly long Capacity => SlabHeap.Capacity(_block, _class);

    /// <summary>The integer with this rank.</summary>
    public readonly long this[int index] => Width switch
    {
        2 => ((short*)(_block + HeaderBytes))[index],
        4 => ((int*)(_block + HeaderBytes))[index],
        _ => ((long*)(_block + HeaderBytes))[index],
    };

    private int Width
    {
        readonly get => *(int*)_block;
        set => *(int*)_block = value;
    }

    public static IntSet Create() => new(sizeof(short), 0, HeaderBytes + sizeof(short));

    public readonly bool Contains(long value) => WidthOf(value) <= Width && Search(value, out _);

    /// <summary>Adds an integer; false where it is there already.</summary>
    public bool Add(long value)
    {
        if (WidthOf(value) > Width)
        {
            Widen(value);
            return true;
        }

        if (Search(value, out var index)) return false;
        var count = Count;
        Reserve(count + 1);
        Move(index, index + 1, count - index);
        Set(index, value);
        Count = count + 1;
        return true;
    }

    /// <summary>Removes an integer; false where it is not there.</summary>
    public bool Remove(long value)
    {
        if (WidthOf(value) > Width || !Search(value, out var index)) return false;
        RemoveAt(index);
        return true;
    }

    /// <summary>Removes the integer with this rank.</summary>
    public void RemoveAt(int index)
    {
        var count = Count - 1;
        Move(index + 1, index, count - index);
        Count = count;
        ShrinkIfSparse();
    }

    /// <summary>A copy in a block of its own.</summary>
    public readonly IntSet Clone()
    {
        var copy = new IntSet(Width, Count, BytesOf(Count, Width));
        Bytes.CopyTo(new Span<byte>(copy._block, Bytes.Length));
        return copy;
    }

    public void Free()
    {
        if (_block != null) SlabHeap.Free(_block, _class);
        _block = null;
    }

    private static int BytesOf(int count, int width) => checked(HeaderBytes + (count * width));

    private static int WidthOf(long value) =>
        value == (short)value ? sizeof(short) : value == (int)value ? sizeof(int) : sizeof(long);

    // The rank of value, or the one it would have.
    private readonly bool Search(long value, out int index)
    {
        int low = 0, high = Count - 1;

        // Integers often come in ascending order.
        if (high >= 0 && value > this[high])
        {
            index = high + 1;
            return false;
        }

        while (low <= high)
        {
            index = (low + high) >>> 1;
            var found = this[index];
            if (found == value) return true;
            if (found < value) low = index + 1;
            else high = index - 1;
        }

        index = low;
        return false;
    }

    private readonly void Set(int index, long value)
    {
        var integers = _block + HeaderBytes;
        if (Width == sizeof(short)) ((short*)integers)[index] = (short)value;
        else if (Width == sizeof(int)) ((int*)integers)[index] = (int)value;
        else ((long*)integers)[index] = value;
    }

    private readonly void Move(int from, int to, int count)
    {
        var integers = _block + HeaderBytes;
        var bytes = (long)count * Width;
        Buffer.MemoryCopy(integers + ((long)from * Width), integers + ((long)to * Width), bytes, bytes);
    }

    // A value wider than all others is either the smallest or the largest.
    private void Widen(long value)
    {
        var count = Count;
        var wide = new IntSet(WidthOf(value), count + 1, BytesOf(count + 1, WidthOf(value)));
        var shift = value < 0 ? 1 : 0;
        for (var i = 0; i < count; i++) wide.Set(i + shift, this[i]);
        wide.Set(value < 0 ? 0 : count, value);
        Free();
        this = wide;
    }

    private void Reserve(int count)
    {
        var needed = BytesOf(count, Width);
        if (needed > Capacity) MoveTo(needed <= SlabHeap.MaxSmallBytes ? needed : needed + (needed / 4));
    }

    private void ShrinkIfSparse()
    {
        var needed = Bytes.Length;
        if (Capacity > 2L * needed) MoveTo(needed);
    }

    private void MoveTo(long capacityBytes)
    {
        var block = SlabHeap.Allocate(capacityBytes, out var sizeClass);
        Unsafe.CopyBlockUnaligned(block, _block, (uint)Math.Min(Bytes.Length, capacityBytes));
        SlabHeap.Free(_block, _class);
        _block = block;
        _class = sizeClass;
    }
}
