using System.Runtime.InteropServices;

namespace OrleansKv.RespGateway.Transport;

/// <summary>
/// The bytes that a connection has received and its handler has not consumed, contiguous in native memory.
/// </summary>
/// <remarks>
/// Most reads hold whole commands only. So a connection without leftovers owns no memory: its loop reads into a block that all its
/// connections share, the handler parses there, and only what it leaves is copied into memory of the connection's own, which is given
/// back once it is empty. Ten thousand idle connections therefore cost no buffers. Memory grows with the bytes that really
/// arrived, at most to twice their number, whatever length a client claims. There is no limit here: the handler, who knows the
/// configured one, looks at <see cref="Length"/>. Belongs to the connection's loop thread.
/// </remarks>
public sealed unsafe class InputBuffer
{
    /// <summary>Room offered to every read, as in Redis.</summary>
    internal const int MinReadBytes = 16 * 1024;

    /// <summary>Most that one read takes, so that a fast sender does not keep its loop from the others.</summary>
    internal const int MaxReadBytes = 256 * 1024;

    private byte* _block;
    private long _capacity;
    private byte* _start;
    private long _length;
    private long _expectedBytes;

    /// <summary>The first byte not consumed. Valid until the handler returns to the loop.</summary>
    public byte* Start => _start;

    /// <summary>Number of bytes not consumed.</summary>
    public long Length => _length;

    public bool IsEmpty => _length == 0;

    /// <summary>The bytes not consumed, or the first 2 GiB of them.</summary>
    public ReadOnlySpan<byte> Span => new(_start, (int)Math.Min(_length, int.MaxValue));

    /// <summary>Bytes of memory that this connection holds for itself.</summary>
    public long Capacity => _capacity;

    /// <summary>Drops the first <paramref name="bytes"/> bytes. They stay readable until the handler returns to the loop.</summary>
    public void Consume(long bytes)
    {
        if ((ulong)bytes > (ulong)_length)
            throw new ArgumentOutOfRangeException(nameof(bytes));
        _start += bytes;
        _length -= bytes;
        _expectedBytes = Math.Max(0, _expectedBytes - bytes);
    }

    /// <summary>
    /// Says that nothing can be done before <paramref name="bytes"/> bytes, counted from <see cref="Start"/>, are there. Nothing is
    /// allocated for it; the buffer only grows towards it in bigger steps and not past it.
    /// </summary>
    public void EnsureCapacity(long bytes) => _expectedBytes = Math.Max(_expectedBytes, bytes);

    /// <summary>
    /// Gives the memory back if all of it was consumed. The loop does this after every read and to idle connections; a handler that
    /// consumes at other times may, once it no longer looks at what it consumed.
    /// </summary>
    public void ReleaseIfEmpty()
    {
        if (_length == 0)
            Release();
    }

    /// <summary>Finds the place where the next read puts its bytes: the loop's shared block, unless there are leftovers to append to.</summary>
    internal byte* PrepareRead(byte* shared, int sharedBytes, out int roomBytes)
    {
        if (_length == 0)
        {
            Release();
            _start = shared;
            roomBytes = sharedBytes;
            return shared;
        }
        EnsureRoom();
        long room = _block + _capacity - (_start + _length);
        roomBytes = (int)Math.Min(room, MaxReadBytes);
        return _start + _length;
    }

    internal void AddRead(int bytes) => _length += bytes;

    /// <summary>Called when the handler has returned: leftovers must not stay in the shared block, nor small ones in a huge block.</summary>
    internal void Settle()
    {
        if (_length == 0)
            Release();
        else if (_block == null)
            MoveTo(RoundUp(_length + MinReadBytes));
        else if (_capacity > MaxReadBytes && _expectedBytes <= _capacity / 8 && _length <= _capacity / 8)
            MoveTo(RoundUp(_length + MinReadBytes));
    }

    internal void Release()
    {
        NativeMemory.Free(_block);
        _block = null;
        _capacity = 0;
        _start = null;
        _length = 0;
        _expectedBytes = 0;
    }

    private void EnsureRoom()
    {
        long neededBytes = _length + MinReadBytes;
        long offset = _start - _block;
        if (_capacity - offset >= neededBytes)
            return;
        // Moving to the front costs less than what was consumed since the last move; otherwise growing is what keeps the sum linear.
        if (offset >= _length && _capacity >= neededBytes)
        {
            Buffer.MemoryCopy(_start, _block, _capacity, _length);
            _start = _block;
            return;
        }
        long doubled = Math.Max(_capacity * 2, neededBytes);
        long target = _expectedBytes > _length ? Math.Clamp(_expectedBytes, neededBytes, doubled) : doubled;
        if (offset == 0)
            Reallocate(target);
        else
            MoveTo(target);
    }

    /// <summary>Grows a block in place; the kernel remaps large ones instead of copying them.</summary>
    private void Reallocate(long capacity)
    {
        _block = (byte*)NativeMemory.Realloc(_block, (nuint)capacity);
        _capacity = capacity;
        _start = _block;
    }

    private void MoveTo(long capacity)
    {
        byte* block = (byte*)NativeMemory.Alloc((nuint)capacity);
        Buffer.MemoryCopy(_start, block, capacity, _length);
        NativeMemory.Free(_block);
        _block = block;
        _capacity = capacity;
        _start = block;
    }

    private static long RoundUp(long bytes) => (bytes + MinReadBytes - 1) / MinReadBytes * MinReadBytes;
}
