using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>
/// A list: listpack chunks of a few KiB in a native directory that is a ring, with the number of elements beside each.
/// </summary>
/// <remarks>
/// Redis links such chunks (quicklist). A directory instead makes the way to an index a walk over adjacent counters, 24 bytes for some
/// hundred elements, and an insertion between chunks moves the shorter side of it. Both ends grow in place.
/// <para>Invariants: no chunk is empty; an element that is bigger than a chunk may be stands alone in one. Under the slot lock.</para>
/// <para>Chunks are never compressed: the server has no list-compress-depth.</para>
/// </remarks>
public sealed unsafe partial class ListValue : Collection
{
    // Chunks of a list that has several start with room for this many bytes, so that filling them copies nothing.
    private const int RoomyChunkBytes = 8192;

    private readonly int _fill;
    private Chunk* _chunks;
    private int _capacity;
    private int _head;
    private int _length;
    private byte _directoryClass;
    private long _count;

    private struct Chunk
    {
        public ListPack Pack;
        public int Count;
    }

    /// <param name="fill">list-max-listpack-size: elements of a chunk, or -1 to -5 for 4, 8, 16, 32, 64 KiB.</param>
    public ListValue(int fill) => _fill = fill;

    public override KeyType Type => KeyType.List;

    public override long Count => _count;

    /// <summary>Redis 7.0 calls every list a quicklist, also one of a single listpack; 7.2 calls that one "listpack".</summary>
    public override string EncodingName => "quicklist";

    public override long FreeEffort => _length;

    /// <summary>Exact up to some hundred chunks, beyond that estimated from as many.</summary>
    public override long NativeBytes
    {
        get
        {
            const int sampled = 256;
            long sum = 0;
            var looked = Math.Min(_length, sampled);
            for (var i = 0; i < looked; i++) sum += At(i).Pack.CapacityBytes;
            if (_length > sampled) sum = sum / sampled * _length;
            return sum + ((long)_capacity * sizeof(Chunk));
        }
    }

    /// <summary>Listpacks that the list is made of, for RDB.</summary>
    public int ChunkCount => _length;

    /// <summary>A chunk as the listpack it is. Valid until the next change.</summary>
    public ReadOnlySpan<byte> ChunkAt(int index) => At(index).Pack.Blob;

    /// <summary>Adds a listpack that is not empty at the end, as it is; the list owns it from now on.</summary>
    public void AppendChunk(ListPack pack)
    {
        ref var chunk = ref InsertChunk(_length);
        chunk.Pack = pack;
        chunk.Count = pack.Count;
        _count += chunk.Count;
    }

    public override Collection Clone()
    {
        var copy = new ListValue(_fill);
        for (var i = 0; i < _length; i++) copy.AppendChunk(At(i).Pack.Clone());
        return copy;
    }

    public override void Free()
    {
        for (var i = 0; i < _length; i++) At(i).Pack.Free();
        if (_chunks != null) SlabHeap.Free((byte*)_chunks, _directoryClass);
        _chunks = null;
        _length = 0;
        _count = 0;
    }

    /// <summary>Adds an element at one end.</summary>
    /// <param name="value">Its bytes, which do not lie in this list.</param>
    /// <param name="atHead">At which end.</param>
    public void Push(scoped ReadOnlySpan<byte> value, bool atHead)
    {
        ref var chunk = ref _length == 0 ? ref NewEndChunk(atHead, value.Length) : ref At(atHead ? 0 : _length - 1);
        if (chunk.Count > 0 && !Allows(chunk, value.Length)) chunk = ref NewEndChunk(atHead, value.Length);
        if (atHead) chunk.Pack.Prepend(value);
        else chunk.Pack.Append(value);
        chunk.Count++;
        _count++;
    }

    /// <summary>The element at one end of a list that is not empty.</summary>
    public ReadOnlySpan<byte> Peek(bool atHead, Span<byte> scratch)
    {
        ref var pack = ref At(atHead ? 0 : _length - 1).Pack;
        return pack.Get(atHead ? pack.First : pack.Last, scratch);
    }

    /// <summary>Takes the element at one end away.</summary>
    public void RemoveEnd(bool atHead)
    {
        ref var chunk = ref At(atHead ? 0 : _length - 1);
        _count--;
        if (--chunk.Count > 0)
        {
            chunk.Pack.Delete(atHead ? chunk.Pack.First : chunk.Pack.Last);
            return;
        }

        RemoveEndChunk(atHead);
        ShrinkDirectory();
    }

    /// <summary>The element at an index from 0 to <see cref="Count"/> - 1.</summary>
    public ReadOnlySpan<byte> Get(long index, Span<byte> scratch)
    {
        var (chunk, pos) = Seek(index);
        return At(chunk).Pack.Get(pos, scratch);
    }

    /// <summary>Writes <paramref name="count"/> elements, at least one, from an index on; backwards where asked for.</summary>
    public void WriteRange(ref ReplyWriter reply, long index, long count, bool backwards)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var (at, pos) = Seek(index);
        while (true)
        {
            ref var pack = ref At(at).Pack;
            for (; pos != 0 && count > 0; count--)
            {
                reply.Bulk(pack.Get(pos, scratch));
                pos = backwards ? pack.Previous(pos) : pack.Next(pos);
            }

            if (count == 0) return;
            at += backwards ? -1 : 1;
            pos = backwards ? At(at).Pack.Last : At(at).Pack.First;
        }
    }

    /// <summary>The first or last element, to search from.</summary>
    public ListCursor Start(bool backwards) => backwards
        ? new ListCursor { Chunk = _length - 1, Pos = At(_length - 1).Pack.Last, Index = _count - 1 }
        : new ListCursor { Pos = At(0).Pack.First };

    /// <summary>
    /// Moves <paramref name="cursor"/> to the first element with the needle's text, its own included, looking at no more elements than
    /// <paramref name="toCompare"/> says, which is counted down. False where there is none.
    /// </summary>
    public bool Find(ref ListCursor cursor, in ListPackNeedle needle, bool backwards, ref long toCompare)
    {
        while (toCompare > 0 && !cursor.IsEnd)
        {
            ref var pack = ref At(cursor.Chunk).Pack;
            do
            {
                toCompare--;
                if (pack.EqualsAt(cursor.Pos, needle)) return true;
                StepInChunk(ref cursor, pack, backwards);
            }
            while (cursor.Pos != 0 && toCompare > 0);
            if (cursor.Pos == 0) EnterNextChunk(ref cursor, backwards);
        }

        return false;
    }

    /// <summary>The element at a cursor that is not at the end.</summary>
    public ReadOnlySpan<byte> Get(in ListCursor cursor, Span<byte> scratch) => At(cursor.Chunk).Pack.Get(cursor.Pos, scratch);

    /// <summary>Moves to the next element, or the one before.</summary>
    public void Step(ref ListCursor cursor, bool backwards)
    {
        StepInChunk(ref cursor, At(cursor.Chunk).Pack, backwards);
        if (cursor.Pos == 0) EnterNextChunk(ref cursor, backwards);
    }

    private static void StepInChunk(ref ListCursor cursor, in ListPack pack, bool backwards)
    {
        cursor.Pos = backwards ? pack.Previous(cursor.Pos) : pack.Next(cursor.Pos);
        cursor.Index += backwards ? -1 : 1;
    }

    private void EnterNextChunk(ref ListCursor cursor, bool backwards)
    {
        cursor.Chunk += backwards ? -1 : 1;
        if ((uint)cursor.Chunk >= (uint)_length) return;
        cursor.Pos = backwards ? At(cursor.Chunk).Pack.Last : At(cursor.Chunk).Pack.First;
    }

    private ref Chunk At(int index) => ref _chunks[(_head + index) & (_capacity - 1)];

    // Chunk and position of an index, from the nearer end.
    private (int Chunk, int Pos) Seek(long index)
    {
        int at;
        if (index < _count / 2)
        {
            for (at = 0; index >= At(at).Count; at++) index -= At(at).Count;
            return (at, At(at).Pack.Seek(index));
        }

        var fromEnd = _count - 1 - index;
        for (at = _length - 1; fromEnd >= At(at).Count; at--) fromEnd -= At(at).Count;
        return (at, At(at).Pack.Seek(-1 - fromEnd));
    }

    // Redis's rule: a size in bytes, or a number of elements within 8 KiB. The eight are what it estimates for an entry's head.
    private bool Allows(in Chunk chunk, int valueBytes) => FitsBytes(chunk, valueBytes) && (_fill < 0 || chunk.Count < _fill);

    private bool FitsBytes(in Chunk chunk, int moreBytes) => (long)chunk.Pack.Bytes + moreBytes + 8 <= MaxChunkBytes;

    private int MaxChunkBytes => _fill < 0 ? 2048 << Math.Min(-_fill, 5) : 8192;

    private ref Chunk NewEndChunk(bool atHead, int valueBytes)
    {
        if (_length > 0) TrimIfLoose(ref At(atHead ? 0 : _length - 1));
        ref var chunk = ref InsertChunk(atHead ? 0 : _length);
        var isRoomy = _length > 1 && _fill < 0 && valueBytes < RoomyChunkBytes / 8;
        chunk.Pack = ListPack.Create(isRoomy ? Math.Min(MaxChunkBytes, RoomyChunkBytes) : valueBytes + 24);
        chunk.Count = 0;
        return ref chunk;
    }

    // A full chunk that will hardly grow any more gives the room back that big elements could not use.
    private static void TrimIfLoose(ref Chunk chunk)
    {
        if (chunk.Pack.CapacityBytes > chunk.Pack.Bytes + (chunk.Pack.Bytes / 8)) chunk.Pack.Trim();
    }
}

/// <summary>A place in a list that does not change meanwhile.</summary>
public struct ListCursor
{
    internal int Chunk;
    internal int Pos;

    /// <summary>The element's index.</summary>
    public long Index { get; internal set; }

    /// <summary>True beyond the last element.</summary>
    public readonly bool IsEnd => Pos == 0;
}
