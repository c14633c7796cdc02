using System.Runtime.InteropServices;

namespace OrleansKv.Engine.Journaling;

/// <summary>A piece of the journal: whole records one after the other in native memory. All but reading is done under the journal's lock.</summary>
internal sealed unsafe class JournalSegment
{
    private byte* _start;
    private int _pins;
    private bool _isRetired;

    public JournalSegment(int capacity)
    {
        _start = (byte*)NativeMemory.Alloc((nuint)capacity);
        Capacity = capacity;
    }

    ~JournalSegment() => NativeMemory.Free(_start);

    public int Capacity { get; }

    /// <summary>Where the first record begins in the stream.</summary>
    public long StartLsn { get; private set; }

    /// <summary>Bytes taken by records.</summary>
    public int Length { get; private set; }

    public int Room => Capacity - Length;

    /// <summary>Has the segment begin anew.</summary>
    public void Reset(long startLsn)
    {
        StartLsn = startLsn;
        Length = 0;
        _isRetired = false;
    }

    /// <summary>Adds a record for which there is room.</summary>
    public void Append(in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        var room = new Span<byte>(_start + Length, header.TotalBytes);
        header.Write(room);
        payload.CopyTo(room[RecordHeader.Bytes..]);
        Length += header.TotalBytes;
    }

    /// <summary>The bytes from a position in the stream to where the segment has come. They do not change while the segment is pinned.</summary>
    public ReadOnlySpan<byte> From(long lsn) => new(_start + (lsn - StartLsn), Length - (int)(lsn - StartLsn));

    /// <summary>Keeps the memory for a reader.</summary>
    public void Pin() => _pins++;

    /// <summary>Ends a reader's use; frees the memory where the journal has dropped the segment meanwhile.</summary>
    public void Unpin()
    {
        if (--_pins == 0 && _isRetired) Free();
    }

    /// <summary>Ends the journal's use. True where nobody reads the segment, so that it may be used again; else its last reader frees it.</summary>
    public bool Retire()
    {
        _isRetired = _pins > 0;
        return !_isRetired;
    }

    public void Free()
    {
        NativeMemory.Free(_start);
        _start = null;
    }
}
