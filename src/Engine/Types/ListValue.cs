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
/// <para>With list-compress-depth chunks away from the ends are compressed, and decompressed while they are worked on:
/// ListValue.Compression.cs. Code here goes to them through Open, and through At where it needs no more than sizes and counts.</para>
/// </remarks>
public sealed unsafe partial class ListValue : Collection
{
    // Chunks of a list that has several start with room for this many bytes, so that filling them copies nothing.
    private const int RoomyChunkBytes = 8192;

    private const int DefaultAloneBytes = 1 << 30;

    private static int _aloneBytes = DefaultAloneBytes;

    private readonly int _fill;
    private readonly int _depth;
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

        // Length of what the pack is compressed to; 0 where it is not.
        public int CompressedBytes;
    }

    /// <param name="fill">list-max-listpack-size: elements of a chunk, or -1 to -5 for 4, 8, 16, 32, 64 KiB.</param>
    /// <param name="depth">list-compress-depth: chunks at either end that are not compressed; 0 compresses none.</param>
    public ListValue(int fill, int depth = 0)
    {
        _fill = fill;
        _depth = depth;
    }

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

    /// <summary>
    /// From how many bytes on an element never shares a chunk, in every list: DEBUG QUICKLIST-PACKED-THRESHOLD, by which Redis's tests have
    /// small elements treated as huge ones. 0 restores it.
    /// </summary>
    public static void SetAloneBytes(int bytes) => _aloneBytes = bytes == 0 ? DefaultAloneBytes : bytes;

    /// <summary>Listpacks that the list is made of, for RDB.</summary>
    public int ChunkCount => _length;

    /// <summary>A chunk as the listpack it is. Valid until <see cref="CloseChunk"/> or the next change.</summary>
    public ReadOnlySpan<byte> OpenChunk(int index) => Open(index).Pack.Blob;

    /// <summary>Says that a chunk is not needed any more; it may be compressed again.</summary>
    public void CloseChunk(int index) => Close(index);

    /// <summary>Adds a listpack that is not empty at the end, as it is; the list owns it from now on.</summary>
    public void AppendChunk(ListPack pack)
    {
        ref var chunk = ref InsertChunk(_length);
        chunk.Pack = pack;
        chunk.Count = pack.Count;
        _count += chunk.Count;
        SettleEnds();
    }

    public override Collection Clone()
    {
        var copy = new ListValue(_fill, _depth);
        for (var i = 0; i < _length; i++)
        {
            ref var chunk = ref At(i);
            var pack = chunk.CompressedBytes > 0 ? chunk.Pack.CloneCompressed(chunk.CompressedBytes) : chunk.Pack.Clone();
            copy.InsertChunk(i) = new Chunk { Pack = pack, Count = chunk.Count, CompressedBytes = chunk.CompressedBytes };
        }

        copy._count = _count;
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
        SettleEnds();
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

            Close(at);
            if (count == 0) return;
            at += backwards ? -1 : 1;
            pos = backwards ? Open(at).Pack.Last : Open(at).Pack.First;
        }
    }

    /// <summary>The first or last element, to search from.</summary>
    public ListCursor Start(bool backwards) => backwards
        ? new ListCursor { Chunk = _length - 1, Pos = At(_length - 1).Pack.Last, Index = _count - 1 }
        : new ListCursor { Pos = At(0).Pack.First };

    /// <summary>The element at an index that there is, to go on from.</summary>
    public ListCursor StartAt(long index)
    {
        var (chunk, pos) = Seek(index);
        return new ListCursor { Chunk = chunk, Pos = pos, Index = index };
    }

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

    /// <summary>Says that a cursor that stands on an element is not needed any more.</summary>
    public void Leave(in ListCursor cursor)
    {
        if (!cursor.IsEnd) Close(cursor.Chunk);
    }

    private static void StepInChunk(ref ListCursor cursor, in ListPack pack, bool backwards)
    {
        cursor.Pos = backwards ? pack.Previous(cursor.Pos) : pack.Next(cursor.Pos);
        cursor.Index += backwards ? -1 : 1;
    }

    private void EnterNextChunk(ref ListCursor cursor, bool backwards)
    {
        Close(cursor.Chunk);
        cursor.Chunk += backwards ? -1 : 1;
        if ((uint)cursor.Chunk >= (uint)_length) return;
        ref var pack = ref Open(cursor.Chunk).Pack;
        cursor.Pos = backwards ? pack.Last : pack.First;
    }

    private ref Chunk At(int index) => ref _chunks[(_head + index) & (_capacity - 1)];

    // Chunk, which is opened, and position of an index, from the nearer end.
    private (int Chunk, int Pos) Seek(long index)
    {
        int at;
        if (index < _count / 2)
        {
            for (at = 0; index >= At(at).Count; at++) index -= At(at).Count;
            return (at, Open(at).Pack.Seek(index));
        }

        var fromEnd = _count - 1 - index;
        for (at = _length - 1; fromEnd >= At(at).Count; at--) fromEnd -= At(at).Count;
        return (at, Open(at).Pack.Seek(-1 - fromEnd));
    }

    // Redis's rule: a size in bytes, or a number of elements within 8 KiB. The eight are what it estimates for an entry's head.
    private bool Allows(in Chunk chunk, int valueBytes) =>
        FitsBytes(chunk, valueBytes) && (_fill < 0 || chunk.Count < _fill) && valueBytes < _aloneBytes && !IsAlone(chunk);

    private static bool IsAlone(in Chunk chunk) => chunk.Count == 1 && chunk.Pack.Bytes > _aloneBytes;

    private bool FitsBytes(in Chunk chunk, int moreBytes) => (long)chunk.Pack.Bytes + moreBytes + 8 <= MaxChunkBytes;

    private int MaxChunkBytes => _fill < 0 ? 2048 << Math.Min(-_fill, 5) : 8192;

    private ref Chunk NewEndChunk(bool atHead, int valueBytes)
    {
        if (_length > 0) TrimIfLoose(ref At(atHead ? 0 : _length - 1));
        ref var chunk = ref InsertChunk(atHead ? 0 : _length);
        SettleEnds();
        var isRoomy = _length > 1 && _fill < 0 && valueBytes < RoomyChunkBytes / 8;
        chunk.Pack = ListPack.Create(isRoomy ? Math.Min(MaxChunkBytes, RoomyChunkBytes) : valueBytes + 24);
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
