using System.Diagnostics.CodeAnalysis;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>Changes of a listpack. Each leaves a valid blob; block growth leaves room, so that appending is amortised.</summary>
public unsafe partial struct ListPack
{
    /// <summary>Adds a value at the end and gives its position.</summary>
    public int Append(scoped ReadOnlySpan<byte> value) => Put(Bytes - 1, 0, value);

    /// <summary>Adds a value at the start and gives its position.</summary>
    public int Prepend(scoped ReadOnlySpan<byte> value) => Put(HeaderBytes, 0, value);

    /// <summary>Adds an integer at the end and gives its position.</summary>
    public int AppendInteger(long value)
    {
        var head = stackalloc byte[ListPackEntry.MaxHeadBytes];
        return Put(Bytes - 1, 0, head, ListPackEntry.WriteHead(value, head), default);
    }

    /// <summary>Adds a value before an entry and gives its position.</summary>
    public int InsertBefore(int pos, scoped ReadOnlySpan<byte> value) => Put(pos, 0, value);

    /// <summary>Adds a value after an entry and gives its position.</summary>
    public int InsertAfter(int pos, scoped ReadOnlySpan<byte> value) => Put(pos + SizeAt(pos), 0, value);

    /// <summary>Puts a value in the place of an entry and gives its position, which is the same.</summary>
    public int Replace(int pos, scoped ReadOnlySpan<byte> value) => Put(pos, SizeAt(pos), value);

    /// <summary>Puts an integer in the place of an entry and gives its position, which is the same.</summary>
    public int ReplaceInteger(int pos, long value)
    {
        var head = stackalloc byte[ListPackEntry.MaxHeadBytes];
        return Put(pos, SizeAt(pos), head, ListPackEntry.WriteHead(value, head), default);
    }

    /// <summary>Takes an entry out and gives the one that followed it.</summary>
    public int Delete(int pos) => Delete(pos, 1);

    /// <summary>Takes up to <paramref name="count"/> entries from <paramref name="pos"/> on out and gives the one that followed them.</summary>
    public int Delete(int pos, int count)
    {
        var end = pos;
        var deleted = 0;
        for (; deleted < count && _block[end] != End; deleted++) end += SizeAt(end);
        Buffer.MemoryCopy(_block + end, _block + pos, Bytes - end, Bytes - end);
        *(int*)_block -= end - pos;
        if (HeaderCount != UnknownCount) *(ushort*)(_block + 4) -= (ushort)deleted;
        ShrinkIfSparse();
        return _block[pos] == End ? 0 : pos;
    }

    /// <summary>Takes up to <paramref name="count"/> entries from index <paramref name="index"/> (negative: from the end) on out.</summary>
    public void DeleteRange(long index, long count)
    {
        var pos = count > 0 ? Seek(index) : 0;
        if (pos != 0) Delete(pos, (int)Math.Min(count, int.MaxValue));
    }

    /// <summary>Takes all entries out; the block stays as big as it is.</summary>
    public readonly void Clear() => Reset();

    /// <summary>Adds the entries of <paramref name="other"/> from <paramref name="pos"/> on, up to <paramref name="count"/>, at the end.</summary>
    public void AppendFrom(in ListPack other, int pos, int count)
    {
        var end = pos;
        var taken = 0;
        for (; taken < count && other._block[end] != End; taken++) end += other.SizeAt(end);
        var at = Bytes - 1;
        Open(at, 0, end - pos, taken);
        Buffer.MemoryCopy(other._block + pos, _block + at, end - pos, end - pos);
    }

    /// <summary>Gives room back that the blob does not use, for one that will hardly change any more.</summary>
    public void Trim()
    {
        if (SlabHeap.CapacityFor(Bytes) < CapacityBytes) Reallocate(Bytes);
    }

    private int Put(int pos, int oldBytes, scoped ReadOnlySpan<byte> value)
    {
        var head = stackalloc byte[ListPackEntry.MaxHeadBytes];
        var headBytes = ListPackEntry.WriteHead(value, head, out var isInteger);
        return Put(pos, oldBytes, head, headBytes, isInteger ? default : value);
    }

    private int Put(int pos, int oldBytes, byte* head, int headBytes, scoped ReadOnlySpan<byte> body)
    {
        var encoded = headBytes + body.Length;
        Open(pos, oldBytes, encoded + ListPackEntry.BackLengthBytes(encoded), oldBytes == 0 ? 1 : 0);
        var at = _block + pos;
        for (var i = 0; i < headBytes; i++) at[i] = head[i];
        body.CopyTo(new Span<byte>(at + headBytes, body.Length));
        ListPackEntry.WriteBackLength(at + encoded, encoded);
        return pos;
    }

    // Makes the old bytes at pos as many as new ones are needed, for an entry count that changes by added.
    private void Open(int pos, int oldBytes, int newBytes, int added)
    {
        var bytes = Bytes;
        var needed = (long)bytes + newBytes - oldBytes;
        if (needed > CapacityBytes) Grow(needed);
        var from = pos + oldBytes;
        if (newBytes != oldBytes) Buffer.MemoryCopy(_block + from, _block + pos + newBytes, bytes - from, bytes - from);
        *(int*)_block = (int)needed;
        var count = HeaderCount;
        if (count != UnknownCount) *(ushort*)(_block + 4) = (ushort)Math.Min(count + added, UnknownCount);
        if (needed < bytes) ShrinkIfSparse();
    }

    private void Grow(long needed)
    {
        if (needed > MaxBytes) ThrowTooBig();
        Reallocate(needed <= TightBytes ? needed : Math.Min(needed + (needed >> 2), MaxBytes));
    }

    private void ShrinkIfSparse()
    {
        var capacity = CapacityBytes;
        if (capacity > 64 && Bytes < capacity / 4) Reallocate(Bytes + (Bytes >> 1));
    }

    private void Reallocate(long capacity)
    {
        var block = SlabHeap.Allocate(capacity, out var sizeClass);
        var bytes = Bytes;
        Buffer.MemoryCopy(_block, block, bytes, bytes);
        SlabHeap.Free(_block, _sizeClass);
        _block = block;
        _sizeClass = sizeClass;
    }

    [DoesNotReturn]
    private static void ThrowTooBig() => throw new InvalidOperationException("A listpack grew beyond its limit.");
}
