using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansKv.Engine.Protocol;

/// <summary>
/// The bytes that a client is still to be sent: a list of native chunks, written at the end and sent from the front.
/// </summary>
/// <remarks>
/// A buffer is owned by one thread at a time (its connection's I/O loop, or whoever executes a batch). Chunks are native, so that
/// a system call can read them without pinning, and small ones are kept for reuse by their buffer, so that a connection in steady
/// state allocates nothing. An idle buffer gives its memory back by <see cref="Trim"/>.
/// </remarks>
public sealed unsafe class ReplyBuffer : IDisposable
{
    /// <summary>Bytes of an ordinary chunk: Redis's own reply chunk size.</summary>
    public const int ChunkBytes = 16 * 1024;

    private const int MaxChunkBytes = 1024 * 1024;

    private Chunk[] _chunks = [];
    private int _first;
    private int _end;
    private byte* _spare;

    private struct Chunk
    {
        public byte* Start;
        public int Capacity;
        public int From;
        public int To;
    }

    /// <summary>Bytes written and not yet sent.</summary>
    public long Length { get; private set; }

    /// <summary>True when everything written has been sent.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Chunks that hold unsent bytes.</summary>
    public int ChunkCount => _end - _first;

    /// <summary>Native bytes held, sent or not: what a client's output costs.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>The unsent bytes of chunk <paramref name="index"/> (0 is sent first). Valid until the buffer is next changed.</summary>
    public ReadOnlySpan<byte> ChunkAt(int index)
    {
        ref var chunk = ref _chunks[_first + index];
        return new ReadOnlySpan<byte>(chunk.Start + chunk.From, chunk.To - chunk.From);
    }

    /// <summary>Drops the first <paramref name="sentBytes"/> bytes, which the caller has sent.</summary>
    public void Advance(long sentBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sentBytes, Length);
        Length -= sentBytes;
        while (sentBytes > 0)
        {
            ref var chunk = ref _chunks[_first];
            var take = (int)Math.Min(sentBytes, chunk.To - chunk.From);
            chunk.From += take;
            sentBytes -= take;
            if (chunk.From < chunk.To) break;
            Release(ref chunk);
            _first++;
        }

        if (_first == _end) _first = _end = 0;
    }

    /// <summary>Appends bytes. Handlers write through a <see cref="ReplyWriter"/> instead.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var writer = new ReplyWriter(this, resp3: false);
        writer.Raw(bytes);
        writer.Commit();
    }

    /// <summary>Moves everything unsent in <paramref name="other"/> to the end of this buffer, without copying.</summary>
    public void TakeAll(ReplyBuffer other)
    {
        for (var i = other._first; i < other._end; i++)
        {
            var chunk = other._chunks[i];
            AddChunk(chunk);
            Length += chunk.To - chunk.From;
            AllocatedBytes += chunk.Capacity;
            other.AllocatedBytes -= chunk.Capacity;
        }

        other._first = other._end = 0;
        other.Length = 0;
    }

    /// <summary>A copy of everything unsent.</summary>
    public byte[] ToArray()
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)Length);
        var at = 0;
        for (var i = 0; i < ChunkCount; i++)
        {
            ChunkAt(i).CopyTo(bytes.AsSpan(at));
            at += ChunkAt(i).Length;
        }

        return bytes;
    }

    /// <summary>Drops everything unsent.</summary>
    public void Clear()
    {
        for (; _first < _end; _first++) Release(ref _chunks[_first]);
        _first = _end = 0;
        Length = 0;
    }

    /// <summary>Gives the spare chunk back. For connections that have been quiet for a while.</summary>
    public void Trim()
    {
        if (_spare == null) return;
        NativeMemory.Free(_spare);
        AllocatedBytes -= ChunkBytes;
        _spare = null;
    }

    public void Dispose()
    {
        Clear();
        Trim();
    }

    /// <summary>Free room behind the last byte written; at least one byte. <see cref="CommitWritten"/> says how much was used.</summary>
    internal Span<byte> Free(int sizeHint)
    {
        if (_end > _first)
        {
            ref var last = ref _chunks[_end - 1];
            if (last.To < last.Capacity) return new Span<byte>(last.Start + last.To, last.Capacity - last.To);
        }

        return AddChunkSlow(sizeHint);
    }

    internal void CommitWritten(int bytes)
    {
        if (bytes == 0) return;
        _chunks[_end - 1].To += bytes;
        Length += bytes;
    }

    /// <summary>Ends the current chunk, so that a header whose count is not known yet can be put before what follows.</summary>
    internal int Seal()
    {
        if (_end > _first)
        {
            ref var last = ref _chunks[_end - 1];
            if (last.From == last.To)
            {
                Release(ref last);
                _end--;
            }
            else
            {
                last.Capacity = SealedCapacity(last);
            }
        }

        return _end - _first;
    }

    /// <summary>Puts <paramref name="header"/> in at the chunk position that <see cref="Seal"/> gave.</summary>
    internal void InsertAt(int chunkPosition, ReadOnlySpan<byte> header)
    {
        var start = (byte*)NativeMemory.Alloc((nuint)header.Length);
        header.CopyTo(new Span<byte>(start, header.Length));
        AddChunk(default);
        var at = _first + chunkPosition;
        Array.Copy(_chunks, at, _chunks, at + 1, _end - at - 1);
        _chunks[at] = new Chunk { Start = start, Capacity = header.Length, To = header.Length };
        AllocatedBytes += header.Length;
        Length += header.Length;
    }

    // A sealed chunk takes no more bytes; its accounting shrinks to what it shows, its memory is freed whole.
    private int SealedCapacity(in Chunk chunk)
    {
        AllocatedBytes -= chunk.Capacity - chunk.To;
        return chunk.To;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Span<byte> AddChunkSlow(int sizeHint)
    {
        var capacity = ChunkBytes;
        byte* start;
        if (_spare != null && sizeHint <= ChunkBytes)
        {
            start = _spare;
            _spare = null;
        }
        else
        {
            capacity = Math.Clamp(sizeHint, ChunkBytes, MaxChunkBytes);
            start = (byte*)NativeMemory.Alloc((nuint)capacity);
            AllocatedBytes += capacity;
        }

        AddChunk(new Chunk { Start = start, Capacity = capacity });
        return new Span<byte>(start, capacity);
    }

    private void AddChunk(in Chunk chunk)
    {
        if (_end == _chunks.Length)
        {
            var count = _end - _first;
            var target = count * 2 >= _chunks.Length ? new Chunk[Math.Max(4, count * 2)] : _chunks;
            Array.Copy(_chunks, _first, target, 0, count);
            _chunks = target;
            _first = 0;
            _end = count;
        }

        _chunks[_end++] = chunk;
    }

    private void Release(ref Chunk chunk)
    {
        if (_spare == null && chunk.Capacity == ChunkBytes)
        {
            _spare = chunk.Start;
        }
        else
        {
            NativeMemory.Free(chunk.Start);
            AllocatedBytes -= chunk.Capacity;
        }

        chunk = default;
    }
}
