// Stands for Orleans.Serialization.Buffers.Writer<T> and Orleans.Serialization.Session.SerializerSession on the writing side.
using System.Buffers.Binary;
using System.Text;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>A growing byte array that values are written to, and the objects of the value being written.</summary>
internal sealed class WireWriter
{
    /// <summary>Values nested deeper than this are refused on both sides: they would overflow a stack.</summary>
    public const int MaxDepth = 256;

    private const int InitialBytes = 4096;

    private readonly Dictionary<object, int> _positions = new(ReferenceEqualityComparer.Instance);
    private byte[] _buffer;
    private int _depth;

    public WireWriter(int initialBytes = InitialBytes) => _buffer = new byte[initialBytes];

    public int Length { get; private set; }

    public byte[] Buffer => _buffer;

    /// <summary>Where the value being written began; references are told as distances from here.</summary>
    public int Origin { get; private set; }

    /// <summary>Begins a value that shares no objects with those before it.</summary>
    public void BeginValue()
    {
        Origin = Length;
        _depth = 0;
        if (_positions.Count > 0)
            _positions.Clear();
    }

    /// <summary>Takes back everything after <paramref name="length"/>: of a value that could not be written.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Empties the writer, and lets a buffer go that an unusually big value has made it grow to.</summary>
    public void Reset(int keptBytes)
    {
        Length = 0;
        if (_buffer.Length > keptBytes)
            _buffer = new byte[InitialBytes];
    }

    public void Enter()
    {
        if (++_depth > MaxDepth)
            throw new SerializerException($"A value is nested deeper than {MaxDepth} levels.");
    }

    public void Leave() => _depth--;

    /// <summary>Where the object was written before; otherwise remembers that it is about to be written here.</summary>
    public bool TryGetKnown(object value, out int position)
    {
        if (_positions.TryGetValue(value, out position))
            return true;
        _positions.Add(value, Length - Origin);
        return false;
    }

    public void WriteByte(byte value)
    {
        if (Length == _buffer.Length)
            Grow(1);
        _buffer[Length++] = value;
    }

    public void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }

    /// <summary>A signed number, with its sign in the lowest bit so that small negative ones stay short.</summary>
    public void WriteSigned(long value) => WriteVarint((ulong)(value << 1) ^ (ulong)(value >> 63));

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Claim(sizeof(uint)), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Claim(sizeof(ulong)), value);

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarint((ulong)bytes.Length);
        WriteRaw(bytes);
    }

    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Claim(bytes.Length));

    public void WriteString(string text)
    {
        int byteCount = Encoding.UTF8.GetByteCount(text);
        WriteVarint((ulong)byteCount);
        Encoding.UTF8.GetBytes(text, Claim(byteCount));
    }

    /// <summary>Room for a length that is known only once what it counts is written; see <see cref="EndLength"/>.</summary>
    public int BeginLength()
    {
        Claim(sizeof(uint));
        return Length;
    }

    public void EndLength(int start) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(start - sizeof(uint)), (uint)(Length - start));

    private Span<byte> Claim(int count)
    {
        if (_buffer.Length - Length < count)
            Grow(count);
        var claimed = _buffer.AsSpan(Length, count);
        Length += count;
        return claimed;
    }

    private void Grow(int count)
    {
        long needed = (long)Length + count;
        if (needed > Array.MaxLength)
            throw new SerializerException($"A message of {needed} bytes is longer than any array.");
        Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(needed, _buffer.Length * 2L)));
    }
}
