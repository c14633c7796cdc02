// Stands for Orleans.Serialization.Buffers.Reader<T> and Orleans.Serialization.Session.SerializerSession on the reading side.
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Reads one value out of bytes that anybody may have sent: every length is checked against the bytes that are there before anything
/// of its size is allocated, and whatever does not fit is a <see cref="SerializerException"/>.
/// </summary>
internal sealed class WireReader(ICallRuntime? runtime)
{
    private readonly List<(int Position, object Value)> _objects = [];
    private byte[] _buffer = [];
    private int _end;
    private int _origin;
    private int _depth;

    public int Position { get; private set; }

    public int Remaining => _end - Position;

    /// <summary>What references among the values will call through; null where there is none to call.</summary>
    public ICallRuntime? Runtime => runtime;

    /// <summary>Reads <paramref name="length"/> bytes of the buffer from <paramref name="start"/> on; they stay the caller's.</summary>
    public void Reset(byte[] buffer, int start, int length)
    {
        _buffer = buffer;
        Position = start;
        _end = start + length;
        BeginValue();
    }

    public void BeginValue()
    {
        _origin = Position;
        _depth = 0;
        _objects.Clear();
    }

    public void Enter()
    {
        if (++_depth > WireWriter.MaxDepth)
            throw new SerializerException($"A value is nested deeper than {WireWriter.MaxDepth} levels.");
    }

    public void Leave() => _depth--;

    /// <summary>Remembers an object by the position of its first byte, before its members are read, since they may refer to it.</summary>
    public void Record(int position, object value) => _objects.Add((position - _origin, value));

    public object GetKnown(ulong position)
    {
        int low = 0, high = _objects.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int found = _objects[middle].Position;
            if ((ulong)found == position)
                return _objects[middle].Value;
            if ((ulong)found < position)
                low = middle + 1;
            else
                high = middle - 1;
        }

        throw new SerializerException($"A reference points to position {position}, where no object was read.");
    }

    public byte ReadByte()
    {
        if (Position == _end)
            ThrowEnd();
        return _buffer[Position++];
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new SerializerException("A number has more than 64 bits.");
    }

    public long ReadSigned()
    {
        ulong value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadRaw(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadRaw(sizeof(ulong)));

    /// <summary>A count of things of at least one byte each, so that it cannot be more than the bytes that are left.</summary>
    public int ReadCount()
    {
        ulong count = ReadVarint();
        if (count > (ulong)Remaining)
            throw new SerializerException($"A length of {count} in a message that has {Remaining} bytes left.");
        return (int)count;
    }

    /// <summary>Bytes with their length before them, valid until the buffer is reused.</summary>
    public ReadOnlySpan<byte> ReadBytes() => ReadRaw(ReadCount());

    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if (count > Remaining)
            ThrowEnd();
        var read = _buffer.AsSpan(Position, count);
        Position += count;
        return read;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>The position after a part whose length is written before it.</summary>
    public int ReadPartEnd()
    {
        uint partLength = ReadUInt32();
        if (partLength > (uint)Remaining)
            throw new SerializerException($"A part of {partLength} bytes in a message that has {Remaining} bytes left.");
        return Position + (int)partLength;
    }

    public void Skip(int position) => Position = position;

    [DoesNotReturn]
    private static void ThrowEnd() => throw new SerializerException("The message ends in the middle of a value.");
}
