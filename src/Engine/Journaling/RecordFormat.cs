using System.Buffers.Binary;

namespace OrleansKv.Engine.Journaling;

/// <summary>What stands before the effects of a record: 20 bytes, little-endian.</summary>
/// <param name="Lsn">
/// Where the record ends in the stream of all bytes that the journal ever took: its log sequence number. The record begins where the one
/// before it ends, so that a gap shows.
/// </param>
/// <param name="NowMs">The owner's clock when the command ran, in milliseconds since the Unix epoch.</param>
/// <param name="PayloadBytes">Bytes of the effects behind the header.</param>
public readonly record struct RecordHeader(long Lsn, long NowMs, int PayloadBytes)
{
    public const int Bytes = 20;

    /// <summary>Where the record begins: the LSN of the one before it.</summary>
    public long StartLsn => Lsn - TotalBytes;

    /// <summary>Bytes of the record, its header counted.</summary>
    public int TotalBytes => Bytes + PayloadBytes;

    public static RecordHeader Read(ReadOnlySpan<byte> record) => new(
        BinaryPrimitives.ReadInt64LittleEndian(record),
        BinaryPrimitives.ReadInt64LittleEndian(record[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(record[16..]));

    public void Write(Span<byte> record)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record, Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], NowMs);
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], PayloadBytes);
    }
}

/// <summary>
/// What stands before each effect of a record: 8 bytes, little-endian. The effect itself is a RESP command whose keys are all in one slot;
/// so whoever holds some of the slots takes their effects and leaves the others.
/// </summary>
/// <param name="SlotNumber">The slot; <see cref="EverySlot"/> for a command on whole databases.</param>
/// <param name="Database">The database that the command is executed in.</param>
/// <param name="CommandBytes">Bytes of the command behind the header.</param>
public readonly record struct EffectHeader(int SlotNumber, int Database, int CommandBytes)
{
    public const int Bytes = 8;

    /// <summary>In place of a slot: all that the journal's owner owns.</summary>
    public const int EverySlot = ushort.MaxValue;

    public static EffectHeader Read(ReadOnlySpan<byte> effect) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(effect),
        BinaryPrimitives.ReadUInt16LittleEndian(effect[2..]),
        BinaryPrimitives.ReadInt32LittleEndian(effect[4..]));

    public void Write(Span<byte> effect)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(effect, (ushort)SlotNumber);
        BinaryPrimitives.WriteUInt16LittleEndian(effect[2..], (ushort)Database);
        BinaryPrimitives.WriteInt32LittleEndian(effect[4..], CommandBytes);
    }
}

/// <summary>Walks the effects of a record.</summary>
public ref struct EffectReader
{
    private ReadOnlySpan<byte> _rest;

    /// <param name="record">A whole record with its header.</param>
    public EffectReader(ReadOnlySpan<byte> record) => _rest = record[RecordHeader.Bytes..];

    public EffectHeader Header { get; private set; }

    /// <summary>The effect's RESP command.</summary>
    public ReadOnlySpan<byte> Command { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        Header = EffectHeader.Read(_rest);
        Command = _rest.Slice(EffectHeader.Bytes, Header.CommandBytes);
        _rest = _rest[(EffectHeader.Bytes + Header.CommandBytes)..];
        return true;
    }
}
