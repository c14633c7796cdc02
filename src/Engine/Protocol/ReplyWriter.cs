using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace OrleansKv.Engine.Protocol;

/// <summary>
/// Writes replies in RESP2 or RESP3 at the end of a <see cref="ReplyBuffer"/>. It owns growth, so no handler asks whether there is
/// room; what it wrote belongs to the buffer after <see cref="Commit"/>.
/// </summary>
/// <remarks>Format: the Redis serialization protocol specification (RESP2 and RESP3). Where RESP2 lacks a type, the reply falls
/// back to what Redis sends: maps and sets as arrays, doubles as bulk strings, booleans as 0 and 1.</remarks>
public ref struct ReplyWriter
{
    private const int HeaderBytes = 32;

    private readonly ReplyBuffer _buffer;
    private Span<byte> _free;
    private int _written;

    public ReplyWriter(ReplyBuffer buffer, bool resp3)
    {
        _buffer = buffer;
        Resp3 = resp3;
    }

    /// <summary>True when the client spoke HELLO 3.</summary>
    public bool Resp3 { get; set; }

    private int _errorCount;

    /// <summary>Errors written since the last call: whether a command failed. A command within another (EXEC) takes its own away.</summary>
    public int TakeErrors()
    {
        var count = _errorCount;
        _errorCount = 0;
        return count;
    }

    /// <summary>Hands what was written to the buffer. The writer can be used again.</summary>
    public void Commit()
    {
        _buffer.CommitWritten(_written);
        _free = default;
        _written = 0;
    }

    public void Ok() => Raw("+OK\r\n"u8);

    /// <summary>A simple string; <paramref name="text"/> holds no CR or LF.</summary>
    public void SimpleString(scoped ReadOnlySpan<byte> text) => Line((byte)'+', text);

    /// <summary>An error: code and message without the leading '-'. CR and LF in it become spaces, as in Redis.</summary>
    public void Error(scoped ReadOnlySpan<byte> text)
    {
        _errorCount++;
        LastError = ErrorText.CodeOf(text);
        if (text.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
        {
            var clean = text.ToArray();
            foreach (ref var b in clean.AsSpan())
                if (b is (byte)'\r' or (byte)'\n') b = (byte)' ';
            text = clean;
        }

        Line((byte)'-', text);
    }

    /// <summary>An error from text that is not a constant.</summary>
    public void Error(string text) => Error(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The code (first word) of the last error written, for the error statistics; null when there was none.</summary>
    public string? LastError { get; private set; }

    public void Integer(long value)
    {
        if ((ulong)value < 10)
        {
            var digit = Reserve(4);
            digit[0] = (byte)':';
            digit[1] = (byte)('0' + value);
            digit[2] = (byte)'\r';
            digit[3] = (byte)'\n';
            _written += 4;
            return;
        }

        Header((byte)':', value);
    }

    public void Bulk(scoped ReadOnlySpan<byte> value)
    {
        if (value.Length > 8192)
        {
            BulkSlow(value);
            return;
        }

        var room = Reserve(value.Length + HeaderBytes);
        room[0] = (byte)'$';
        var at = 1 + FormatLength(value.Length, room[1..]);
        value.CopyTo(room[at..]);
        at += value.Length;
        room[at++] = (byte)'\r';
        room[at++] = (byte)'\n';
        _written += at;
    }

    public void Bulk(string value) => Bulk(System.Text.Encoding.UTF8.GetBytes(value));

    /// <summary>An integer as a bulk string.</summary>
    public void BulkInteger(long value)
    {
        Span<byte> digits = stackalloc byte[24];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Bulk(digits[..length]);
    }

    /// <summary>Null in place of a bulk string: $-1, or RESP3's _.</summary>
    public void Null() => Raw(Resp3 ? "_\r\n"u8 : "$-1\r\n"u8);

    /// <summary>Null in place of an array: *-1, or RESP3's _.</summary>
    public void NullArray() => Raw(Resp3 ? "_\r\n"u8 : "*-1\r\n"u8);

    public void EmptyArray() => Raw("*0\r\n"u8);

    public void Array(int count) => Header((byte)'*', count);

    /// <summary>A map of <paramref name="pairs"/> pairs; in RESP2 an array of twice as many.</summary>
    public void Map(int pairs)
    {
        if (Resp3) Header((byte)'%', pairs);
        else Header((byte)'*', pairs * 2L);
    }

    public void Set(int count) => Header(Resp3 ? (byte)'~' : (byte)'*', count);

    /// <summary>A push: out of band in RESP3, an ordinary array in RESP2.</summary>
    public void Push(int count) => Header(Resp3 ? (byte)'>' : (byte)'*', count);

    /// <summary>An attribute of <paramref name="pairs"/> pairs, which RESP3 allows before a reply. RESP2 has none.</summary>
    public void Attribute(int pairs) => Header((byte)'|', pairs);

    public void Boolean(bool value)
    {
        if (Resp3) Raw(value ? "#t\r\n"u8 : "#f\r\n"u8);
        else Integer(value ? 1 : 0);
    }

    /// <summary>A double, with the digits that Redis 7.0 prints (C's "%.17g").</summary>
    public void Double(double value)
    {
        Span<byte> digits = stackalloc byte[DoubleFormat.MaxBytes];
        var length = DoubleFormat.Format(value, digits);
        if (Resp3) Line((byte)',', digits[..length]);
        else Bulk(digits[..length]);
    }

    /// <summary>Verbatim text of a three-letter format ("txt", "mkd"); a bulk string in RESP2.</summary>
    public void Verbatim(scoped ReadOnlySpan<byte> format, scoped ReadOnlySpan<byte> text)
    {
        Debug.Assert(format.Length == 3);
        if (!Resp3)
        {
            Bulk(text);
            return;
        }

        Header((byte)'=', text.Length + 4L);
        Raw(format);
        Raw(":"u8);
        Raw(text);
        Raw("\r\n"u8);
    }

    public void BigNumber(scoped ReadOnlySpan<byte> digits)
    {
        if (Resp3) Line((byte)'(', digits);
        else Bulk(digits);
    }

    /// <summary>Starts an array, set or map whose count is known only after its elements; <see cref="EndDeferred"/> writes the header.</summary>
    public int BeginDeferred()
    {
        Commit();
        return _buffer.Seal();
    }

    /// <summary>Writes the header of the aggregate begun at <paramref name="position"/>. Nested ones end before the outer.</summary>
    /// <param name="kind">'*' array, '%' map (count in pairs), '~' set, '>' push.</param>
    public void EndDeferred(int position, char kind, long count)
    {
        Commit();
        if (!Resp3 && kind != '*')
        {
            if (kind == '%') count *= 2;
            kind = '*';
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        header[0] = (byte)kind;
        var length = 1 + FormatLength(count, header[1..]);
        _buffer.InsertAt(position, header[..length]);
    }

    /// <summary>
    /// Writes what stands before the elements of a SCAN reply begun at <paramref name="position"/>: an array of the cursor and of the array
    /// of <paramref name="count"/> elements.
    /// </summary>
    public void EndDeferredScan(int position, ulong cursor, long count)
    {
        Commit();
        Span<byte> digits = stackalloc byte[HeaderBytes];
        Utf8Formatter.TryFormat(cursor, digits, out var length);
        Span<byte> header = stackalloc byte[3 * HeaderBytes];
        "*2\r\n$"u8.CopyTo(header);
        var at = 5 + FormatLength(length, header[5..]);
        digits[..length].CopyTo(header[at..]);
        at += length;
        "\r\n*"u8.CopyTo(header[at..]);
        at += 3;
        at += FormatLength(count, header[at..]);
        _buffer.InsertAt(position, header[..at]);
    }

    /// <summary>Bytes that are RESP already.</summary>
    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= _free.Length - _written)
        {
            bytes.CopyTo(_free[_written..]);
            _written += bytes.Length;
            return;
        }

        RawSlow(bytes);
    }

    private void Line(byte type, scoped ReadOnlySpan<byte> text)
    {
        if (text.Length > 8192)
        {
            Raw([type]);
            Raw(text);
            Raw("\r\n"u8);
            return;
        }

        var room = Reserve(text.Length + 3);
        room[0] = type;
        text.CopyTo(room[1..]);
        room[text.Length + 1] = (byte)'\r';
        room[text.Length + 2] = (byte)'\n';
        _written += text.Length + 3;
    }

    private void Header(byte type, long count)
    {
        var room = Reserve(HeaderBytes);
        room[0] = type;
        _written += 1 + FormatLength(count, room[1..]);
    }

    private static int FormatLength(long value, Span<byte> room)
    {
        int length;
        if ((ulong)value < 10)
        {
            room[0] = (byte)('0' + value);
            length = 1;
        }
        else if ((ulong)value < 100)
        {
            room[1] = (byte)('0' + (value % 10));
            room[0] = (byte)('0' + (value / 10));
            length = 2;
        }
        else
        {
            value.TryFormat(room, out length, default, CultureInfo.InvariantCulture);
        }

        room[length] = (byte)'\r';
        room[length + 1] = (byte)'\n';
        return length + 2;
    }

    // At least bytes (at most a chunk's worth) of contiguous room behind what was written.
    private Span<byte> Reserve(int bytes)
    {
        if (bytes <= _free.Length - _written) return _free[_written..];
        return ReserveSlow(bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Span<byte> ReserveSlow(int bytes)
    {
        Commit();
        _free = _buffer.Free(bytes);
        if (_free.Length < bytes)
        {
            _buffer.Seal();
            _free = _buffer.Free(bytes);
        }

        return _free;
    }

    private void BulkSlow(scoped ReadOnlySpan<byte> value)
    {
        Header((byte)'$', value.Length);
        Raw(value);
        Raw("\r\n"u8);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RawSlow(scoped ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_written == _free.Length)
            {
                Commit();
                _free = _buffer.Free(bytes.Length);
            }

            var take = Math.Min(bytes.Length, _free.Length - _written);
            bytes[..take].CopyTo(_free[_written..]);
            _written += take;
            bytes = bytes[take..];
        }
    }
}
