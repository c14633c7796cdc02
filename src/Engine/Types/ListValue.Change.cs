using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>Changes inside of a list, and the directory's own business.</summary>
public sealed unsafe partial class ListValue
{
    /// <summary>Puts another value in the place of the element at an index.</summary>
    public void Set(long index, scoped ReadOnlySpan<byte> value)
    {
        var (at, pos) = Seek(index);
        ref var chunk = ref At(at);
        if (chunk.Count == 1 || (value.Length < _aloneBytes && FitsBytes(chunk, value.Length - chunk.Pack.LengthAt(pos))))
        {
            chunk.Pack.Replace(pos, value);
            Close(at);
            return;
        }

        // The value does not fit: the chunk is cut behind its predecessor, and where the new one goes is decided as for an insertion.
        at = CutBefore(at, pos);
        InsertBetween(at, value);
        RemoveRange(index + 1, 1);
    }

    /// <summary>Adds an element before or after the one that a cursor stands on.</summary>
    public void Insert(in ListCursor pivot, scoped ReadOnlySpan<byte> value, bool after)
    {
        ref var chunk = ref At(pivot.Chunk);
        if (Allows(chunk, value.Length))
        {
            if (after) chunk.Pack.InsertAfter(pivot.Pos, value);
            else chunk.Pack.InsertBefore(pivot.Pos, value);
            chunk.Count++;
            _count++;
            Close(pivot.Chunk);
            return;
        }

        InsertBetween(CutBefore(pivot.Chunk, after ? chunk.Pack.Next(pivot.Pos) : pivot.Pos), value);
    }

    /// <summary>Removes elements with this text, up to <paramref name="limit"/>; 0 is all. Gives how many they were.</summary>
    public long RemoveAll(scoped ReadOnlySpan<byte> value, bool backwards, long limit)
    {
        var needle = new ListPackNeedle(value);
        if (limit == 0) limit = long.MaxValue;
        long removed = 0;
        var (first, last) = (_length, -1);
        for (var i = 0; i < _length && removed < limit; i++)
        {
            var at = backwards ? _length - 1 - i : i;
            ref var chunk = ref Open(at);
            var left = limit - removed;
            var count = backwards ? RemoveBackwards(ref chunk.Pack, needle, left) : Remove(ref chunk.Pack, needle, left);
            if (count == 0)
            {
                Close(at);
                continue;
            }

            removed += count;
            chunk.Count -= (int)count;
            (first, last) = (Math.Min(first, at), Math.Max(last, at));
        }

        _count -= removed;
        if (removed > 0) Compact(first, last);
        return removed;
    }

    /// <summary>Removes <paramref name="count"/> elements, which are there, from an index on.</summary>
    public void RemoveRange(long index, long count)
    {
        if (count == 0) return;
        var (at, pos) = Seek(index);
        var first = at;
        _count -= count;
        for (; count > 0; at++)
        {
            ref var chunk = ref At(at);
            if (pos == 0 && count >= chunk.Count)
            {
                count -= chunk.Count;
                chunk.Count = 0;
                continue;
            }

            if (pos == 0) pos = Open(at).Pack.First;
            var before = chunk.Pack.Count;
            chunk.Pack.Delete(pos, (int)Math.Min(count, int.MaxValue));
            var left = chunk.Pack.Count;
            count -= before - left;
            chunk.Count = left;
            pos = 0;
        }

        Compact(first, at - 1);
    }

    private static long Remove(ref ListPack pack, in ListPackNeedle needle, long limit)
    {
        long removed = 0;
        for (var pos = pack.First; pos != 0 && removed < limit;)
        {
            if (!pack.EqualsAt(pos, needle))
            {
                pos = pack.Next(pos);
                continue;
            }

            pos = pack.Delete(pos);
            removed++;
        }

        return removed;
    }

    private static long RemoveBackwards(ref ListPack pack, in ListPackNeedle needle, long limit)
    {
        long removed = 0;
        for (var pos = pack.Last; pos != 0 && removed < limit;)
        {
            var previous = pack.Previous(pos);
            if (pack.EqualsAt(pos, needle))
            {
                pack.Delete(pos);
                removed++;
            }

            pos = previous;
        }

        return removed;
    }

    // Makes a boundary between chunks before an entry (0: behind the last one), and gives the index of the chunk behind it.
    private int CutBefore(int at, int pos)
    {
        if (pos == 0) return at + 1;
        if (pos == At(at).Pack.First) return at;
        ref var right = ref InsertChunk(at + 1);
        ref var left = ref At(at);
        right.Pack = ListPack.Create(left.Pack.Bytes - pos + 8);
        right.Pack.AppendFrom(left.Pack, pos, int.MaxValue);
        right.Count = right.Pack.Count;
        left.Pack.Delete(pos, int.MaxValue);
        left.Count -= right.Count;
        return at + 1;
    }

    // Adds a value at a boundary: to one of its neighbours, or between them in a chunk of its own.
    private void InsertBetween(int at, scoped ReadOnlySpan<byte> value)
    {
        _count++;
        if (at > 0 && Allows(At(at - 1), value.Length))
        {
            ref var left = ref Open(at - 1);
            left.Pack.Append(value);
            left.Count++;
        }
        else if (at < _length && Allows(At(at), value.Length))
        {
            ref var right = ref Open(at);
            right.Pack.Prepend(value);
            right.Count++;
        }
        else
        {
            ref var chunk = ref InsertChunk(at);
            chunk.Pack = ListPack.Create(value.Length + 24);
            chunk.Pack.Append(value);
            chunk.Count = 1;
        }

        Settle(at - 2, at + 1);
    }

    // Frees chunks without elements among those that were changed, and joins neighbours that have become small.
    private void Compact(int first, int last)
    {
        for (; _length > 0 && At(0).Count == 0; first--, last--) RemoveEndChunk(atHead: true);
        while (_length > 0 && At(_length - 1).Count == 0) RemoveEndChunk(atHead: false);
        first = Math.Max(first - 1, 0);
        last = Math.Min(last + 1, _length - 1);
        var kept = first;
        for (var i = first; i <= last; i++)
        {
            ref var chunk = ref At(i);
            if (chunk.Count == 0) chunk.Pack.Free();
            else if (kept == first || !TryJoin(kept - 1, i)) At(kept++) = chunk;
        }

        if (kept <= last) CloseGap(kept, last + 1);
        ShrinkDirectory();
        Settle(first, kept);
    }

    private void RemoveEndChunk(bool atHead)
    {
        At(atHead ? 0 : _length - 1).Pack.Free();
        if (atHead) _head = (_head + 1) & (_capacity - 1);
        _length--;
    }

    // Moves the shorter side of the ring over places that hold no chunk any more.
    private void CloseGap(int from, int to)
    {
        var gap = to - from;
        if (from < _length - to)
        {
            for (var i = from - 1; i >= 0; i--) At(i + gap) = At(i);
            _head = (_head + gap) & (_capacity - 1);
        }
        else
        {
            for (var i = to; i < _length; i++) At(i - gap) = At(i);
        }

        _length -= gap;
    }

    private bool TryJoin(int leftIndex, int rightIndex)
    {
        ref var left = ref At(leftIndex);
        ref var right = ref At(rightIndex);
        if (left.Pack.Bytes + (long)right.Pack.Bytes > MaxChunkBytes / 2) return false;
        if ((_fill >= 0 && left.Count + right.Count > _fill) || IsAlone(left) || IsAlone(right)) return false;
        Decompress(ref left);
        Decompress(ref right);
        left.Pack.AppendFrom(right.Pack, right.Pack.First, int.MaxValue);
        left.Count += right.Count;
        right.Pack.Free();
        return true;
    }

    // Room for a chunk at an index, which the caller fills. Moves the shorter side of the ring.
    private ref Chunk InsertChunk(int at)
    {
        if (_length == _capacity) ResizeDirectory(Math.Max(1, _capacity * 2));
        if (at < _length / 2)
        {
            _head = (_head - 1) & (_capacity - 1);
            for (var i = 0; i < at; i++) At(i) = At(i + 1);
        }
        else
        {
            for (var i = _length; i > at; i--) At(i) = At(i - 1);
        }

        _length++;
        At(at) = default;
        return ref At(at);
    }

    private void ShrinkDirectory()
    {
        if (_capacity > 8 && _length < _capacity / 4) ResizeDirectory(_capacity / 2);
    }

    private void ResizeDirectory(int capacity)
    {
        var chunks = (Chunk*)SlabHeap.Allocate((long)capacity * sizeof(Chunk), out var sizeClass);
        for (var i = 0; i < _length; i++) chunks[i] = At(i);
        if (_chunks != null) SlabHeap.Free((byte*)_chunks, _directoryClass);
        _chunks = chunks;
        _directoryClass = sizeClass;
        _capacity = capacity;
        _head = 0;
    }
}
