using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>How one entry of a listpack is encoded: a head (type, length, all of an integer), a body (a string's bytes) and the length of
/// both, written so that it is read from its end.</summary>
/// <remarks>Format: the listpack specification (https://github.com/antirez/listpack), with the bounds of the backward length as Redis
/// writes them.</remarks>
internal static unsafe class ListPackEntry
{
    /// <summary>The longest head: a 64-bit integer.</summary>
    public const int MaxHeadBytes = 9;

    /// <summary>The longest backward length.</summary>
    public const int MaxBackLengthBytes = 5;

    private const byte String6 = 0x80;
    private const byte Integer13 = 0xC0;
    private const byte String12 = 0xE0;
    private const byte String32 = 0xF0;
    private const byte Integer16 = 0xF1;
    private const byte Integer24 = 0xF2;
    private const byte Integer32 = 0xF3;
    private const byte Integer64 = 0xF4;

    /// <summary>Writes the head of <paramref name="value"/> and gives its length. The text of an integer has no body.</summary>
    public static int WriteHead(scoped ReadOnlySpan<byte> value, byte* head, out bool isInteger)
    {
        isInteger = NumberText.TryParseInteger(value, out var integer);
        return isInteger ? WriteHead(integer, head) : WriteStringHead(value.Length, head);
    }

    /// <summary>Writes the head of an integer, which is all of it, and gives its length.</summary>
    public static int WriteHead(long value, byte* head)
    {
        if ((ulong)value <= 127)
        {
            head[0] = (byte)value;
            return 1;
        }

        if (value is >= -4096 and <= 4095)
        {
            head[0] = (byte)(Integer13 | ((value >> 8) & 0x1F));
            head[1] = (byte)value;
            return 2;
        }

        var bytes = value switch
        {
            >= short.MinValue and <= short.MaxValue => 2,
            >= -0x80_0000 and <= 0x7F_FFFF => 3,
            >= int.MinValue and <= int.MaxValue => 4,
            _ => 8,
        };
        head[0] = bytes switch { 2 => Integer16, 3 => Integer24, 4 => Integer32, _ => Integer64 };
        for (var i = 1; i <= bytes; i++, value >>= 8) head[i] = (byte)value;
        return bytes + 1;
    }

    /// <summary>Bytes of head and body of the entry at <paramref name="entry"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EncodedBytes(byte* entry)
    {
        var first = *entry;
        if (first < String6) return 1;
        if (first < Integer13) return 1 + (first & 0x3F);
        return EncodedBytesSlow(entry);
    }

    /// <summary>The bytes of a string, or false and the value of an integer.</summary>
    public static bool TryGetString(byte* entry, out byte* body, out int length, out long integer)
    {
        var first = *entry;
        integer = first;
        body = entry + 1;
        length = first & 0x3F;
        if (first < String6) return false;
        if (first < Integer13) return true;
        if (first is >= String12 and <= String32)
        {
            var headBytes = first == String32 ? 5 : 2;
            body = entry + headBytes;
            length = EncodedBytesSlow(entry) - headBytes;
            return true;
        }

        integer = ReadInteger(entry);
        return false;
    }

    /// <summary>Bytes that the backward length of so many bytes takes.</summary>
    public static int BackLengthBytes(int encodedBytes) => encodedBytes switch
    {
        <= 127 => 1,
        < 16383 => 2,
        < 2097151 => 3,
        < 268435455 => 4,
        _ => 5,
    };

    /// <summary>Writes the backward length and gives how many bytes it took.</summary>
    public static int WriteBackLength(byte* to, int encodedBytes)
    {
        var bytes = BackLengthBytes(encodedBytes);
        for (var i = bytes - 1; i >= 0; i--, encodedBytes >>= 7) to[i] = (byte)((encodedBytes & 127) | (i > 0 ? 128 : 0));
        return bytes;
    }

    /// <summary>Reads the backward length whose last byte is at <paramref name="last"/>.</summary>
    public static int ReadBackLength(byte* last)
    {
        var value = *last & 127;
        for (var shift = 7; (*last & 128) != 0 && shift <= 28; shift += 7) value |= (*--last & 127) << shift;
        return value;
    }

    private static int WriteStringHead(int length, byte* head)
    {
        if (length < 64)
        {
            head[0] = (byte)(String6 | length);
            return 1;
        }

        if (length < 4096)
        {
            head[0] = (byte)(String12 | (length >> 8));
            head[1] = (byte)length;
            return 2;
        }

        head[0] = String32;
        BinaryPrimitives.WriteInt32LittleEndian(new Span<byte>(head + 1, 4), length);
        return 5;
    }

    private static int EncodedBytesSlow(byte* entry)
    {
        var first = *entry;
        if (first < String12) return 2;
        if (first < String32) return 2 + (((first & 0x0F) << 8) | entry[1]);
        return first switch
        {
            String32 => 5 + BinaryPrimitives.ReadInt32LittleEndian(new ReadOnlySpan<byte>(entry + 1, 4)),
            Integer16 => 3,
            Integer24 => 4,
            Integer32 => 5,
            _ => 9,
        };
    }

    private static long ReadInteger(byte* entry)
    {
        var first = *entry;
        if (first < String12) return (((first & 0x1F) << 8 | entry[1]) << 19) >> 19;
        return first switch
        {
            Integer16 => (short)(entry[1] | entry[2] << 8),
            Integer24 => (entry[1] << 8 | entry[2] << 16 | entry[3] << 24) >> 8,
            Integer32 => BinaryPrimitives.ReadInt32LittleEndian(new ReadOnlySpan<byte>(entry + 1, 4)),
            _ => BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(entry + 1, 8)),
        };
    }
}
