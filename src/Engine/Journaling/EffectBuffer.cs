using System.Buffers.Text;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Journaling;

/// <summary>A record being written: effects one after the other, with room for the record's header in front.</summary>
/// <remarks>One thread at a time. Keeps its room from record to record, but for that of rare big ones.</remarks>
public sealed class EffectBuffer
{
    private const int KeptBytes = 256 * 1024;
    private const int MaxHeadBytes = 16;

    private byte[] _bytes = new byte[512];
    private int _length = RecordHeader.Bytes;
    private int _effectAt;
    private int _argumentsLeft;
    private int _argumentCount;

    /// <summary>True where there is no effect.</summary>
    public bool IsEmpty => _length == RecordHeader.Bytes;

    /// <summary>Bytes of the effects so far.</summary>
    public int PayloadBytes => _length - RecordHeader.Bytes;

    /// <summary>The effects.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(RecordHeader.Bytes, PayloadBytes);

    /// <summary>Begins an effect of <paramref name="count"/> arguments, the command's name counted; with the last of them it is complete.</summary>
    public void Begin(int slotNumber, int database, int count)
    {
        BeginEffect(slotNumber, database);
        _argumentsLeft = count;
        Head((byte)'*', count);
    }

    /// <summary>Begins an effect whose arguments are not counted yet; <see cref="End"/> ends it.</summary>
    public void BeginOpen(int slotNumber, int database)
    {
        BeginEffect(slotNumber, database);
        _argumentsLeft = int.MaxValue;
        _argumentCount = 0;
    }

    /// <summary>The next argument.</summary>
    public void Argument(scoped ReadOnlySpan<byte> value)
    {
        Reserve(value.Length + MaxHeadBytes);
        Head((byte)'$', value.Length);
        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
        _bytes[_length++] = (byte)'\r';
        _bytes[_length++] = (byte)'\n';
        _argumentCount++;
        if (--_argumentsLeft == 0) Patch();
    }

    /// <summary>The next argument, a number.</summary>
    public void Argument(long value)
    {
        Span<byte> digits = stackalloc byte[NumberText.MaxIntegerBytes];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Argument(digits[..length]);
    }

    /// <summary>The next argument, a double that comes out as it went in.</summary>
    public void Argument(double value)
    {
        Span<byte> text = stackalloc byte[DoubleFormat.MaxBytes];
        Argument(text[..DoubleFormat.Format(value, text)]);
    }

    /// <summary>Ends an effect that was begun by <see cref="BeginOpen"/>.</summary>
    public void End()
    {
        // The number of arguments comes before them: they make room for it.
        Reserve(MaxHeadBytes);
        var from = _effectAt + EffectHeader.Bytes;
        var argumentBytes = _length - from;
        _length = from;
        Span<byte> head = stackalloc byte[MaxHeadBytes];
        var headBytes = Format(head, (byte)'*', _argumentCount);
        _bytes.AsSpan(from, argumentBytes).CopyTo(_bytes.AsSpan(from + headBytes));
        head[..headBytes].CopyTo(_bytes.AsSpan(from));
        _length = from + headBytes + argumentBytes;
        Patch();
    }

    /// <summary>The effects as a record; valid until the buffer is next changed.</summary>
    public ReadOnlyMemory<byte> ToRecord(long lsn, long nowMs)
    {
        new RecordHeader(lsn, nowMs, PayloadBytes).Write(_bytes);
        return _bytes.AsMemory(0, _length);
    }

    /// <summary>Begins a new record.</summary>
    public void Clear()
    {
        if (_bytes.Length > KeptBytes) _bytes = new byte[512];
        _length = RecordHeader.Bytes;
    }

    private void BeginEffect(int slotNumber, int database)
    {
        Reserve(EffectHeader.Bytes + MaxHeadBytes);
        _effectAt = _length;
        new EffectHeader(slotNumber, database, 0).Write(_bytes.AsSpan(_length));
        _length += EffectHeader.Bytes;
    }

    private void Patch()
    {
        var header = _bytes.AsSpan(_effectAt);
        (EffectHeader.Read(header) with { CommandBytes = _length - _effectAt - EffectHeader.Bytes }).Write(header);
    }

    private void Head(byte kind, int count) => _length += Format(_bytes.AsSpan(_length), kind, count);

    private static int Format(Span<byte> room, byte kind, int count)
    {
        room[0] = kind;
        var digits = 1;
        if (count < 10) room[1] = (byte)('0' + count);
        else Utf8Formatter.TryFormat(count, room[1..], out digits);
        room[1 + digits] = (byte)'\r';
        room[2 + digits] = (byte)'\n';
        return 3 + digits;
    }

    private void Reserve(int bytes)
    {
        if (bytes > _bytes.Length - _length) Grow(bytes);
    }

    private void Grow(int bytes)
    {
        var needed = (long)_length + bytes;
        if (needed > Array.MaxLength) throw new InvalidOperationException("What one command has changed is too much for one record.");
        Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
    }
}
