using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Journaling;

/// <summary>What came of an attempt to read the journal.</summary>
public enum JournalRead
{
    /// <summary>Whole records were copied.</summary>
    Copied,

    /// <summary>There is nothing yet behind that position.</summary>
    Nothing,

    /// <summary>The position is no longer in memory, or was never: the reader has to copy the data.</summary>
    FallenOff,

    /// <summary>The next record needs a bigger buffer.</summary>
    BufferTooSmall,
}

/// <summary>
/// What a silo's commands did, as one order of records: the source of its replicas, and of whoever else follows it. In memory only, and
/// bounded: the newest records stay.
/// </summary>
/// <remarks>
/// A record is what one command, or one EXEC, did, over however many slots. It is appended in one step while the locks of these slots are
/// held; so the order of records is, for every key, the order of execution. Where the record ends in the stream is its LSN.
/// <para>Readers keep the LSN that they have read up to. They pin the segment that they copy from, and hold the lock only to find it:
/// writers do not wait for them, they fall off instead. A record lies within one segment; one bigger than a segment has its own.</para>
/// </remarks>
public sealed class Journal : IDisposable
{
    /// <summary>Redis's default of repl-backlog-size.</summary>
    public const long DefaultLimitBytes = 1024 * 1024;

    private const int MinSegmentBytes = 16 * 1024;
    private const int MaxSegmentBytes = 1024 * 1024;

    // A segment's share of the limit: what is dropped at once.
    private const int Segments = 8;

    // Oldest first, never empty.
    private readonly List<JournalSegment> _segments = [];
    private SlotLock _lock;
    private JournalSegment _newest;
    private JournalSegment? _spare;
    private long _allocatedBytes;
    private long _lastLsn;
    private Action? _waiting;

    /// <param name="startLsn">Where the stream begins.</param>
    /// <param name="limitBytes">See <see cref="LimitBytes"/>.</param>
    public Journal(long startLsn = 0, long limitBytes = DefaultLimitBytes)
    {
        LimitBytes = limitBytes;
        _lastLsn = startLsn;
        _newest = AddSegment(0);
    }

    /// <summary>
    /// Bytes to keep: repl-backlog-size. The segment under way comes on top, and so does a record that is bigger.
    /// </summary>
    public long LimitBytes { get; set; }

    /// <summary>Where the newest record ends.</summary>
    public long LastLsn => Volatile.Read(ref _lastLsn);

    /// <summary>The oldest position that can be read from.</summary>
    public long FirstLsn
    {
        get
        {
            _lock.Enter();
            var first = _segments[0].StartLsn;
            _lock.Exit();
            return first;
        }
    }

    /// <summary>Appends a record under the locks of all slots that its effects are of.</summary>
    /// <param name="nowMs">The owner's clock, in milliseconds since the Unix epoch.</param>
    /// <param name="payload">The effects, as <see cref="EffectBuffer"/> writes them.</param>
    /// <returns>The record's LSN.</returns>
    public long Append(long nowMs, ReadOnlySpan<byte> payload)
    {
        Action? waiting;
        long lsn;
        _lock.Enter();
        try
        {
            var bytes = checked(RecordHeader.Bytes + payload.Length);
            if (_newest.Room < bytes) _newest = AddSegment(bytes);
            lsn = _lastLsn + bytes;
            _newest.Append(new RecordHeader(lsn, nowMs, payload.Length), payload);
            Volatile.Write(ref _lastLsn, lsn);
            waiting = _waiting;
            _waiting = null;
        }
        finally
        {
            _lock.Exit();
        }

        waiting?.Invoke();
        return lsn;
    }

    /// <summary>Copies whole records that follow <paramref name="fromLsn"/>, as many as fit.</summary>
    /// <param name="fromLsn">The LSN of the last record that the reader has.</param>
    /// <param name="buffer">Where the records go.</param>
    /// <param name="bytes">Bytes copied; after <see cref="JournalRead.BufferTooSmall"/> the bytes that the next record needs.</param>
    public JournalRead TryRead(long fromLsn, Span<byte> buffer, out int bytes)
    {
        bytes = 0;
        JournalSegment segment;
        ReadOnlySpan<byte> records;
        _lock.Enter();
        try
        {
            if (fromLsn > _lastLsn || fromLsn < _segments[0].StartLsn) return JournalRead.FallenOff;
            if (fromLsn == _lastLsn) return JournalRead.Nothing;
            segment = SegmentWith(fromLsn);
            records = segment.From(fromLsn);
            segment.Pin();
        }
        finally
        {
            _lock.Exit();
        }

        var read = Copy(records, fromLsn, buffer, out bytes);
        _lock.Enter();
        segment.Unpin();
        _lock.Exit();
        return read;
    }

    /// <summary>
    /// Has <paramref name="wake"/> called once, when there is more than <paramref name="fromLsn"/>. False where there already is: then it
    /// is not called.
    /// </summary>
    /// <param name="fromLsn">What the reader has.</param>
    /// <param name="wake">Called by the writer under its slot locks: returns at once.</param>
    public bool TryWait(long fromLsn, Action wake)
    {
        _lock.Enter();
        try
        {
            if (_lastLsn > fromLsn) return false;
            _waiting += wake;
            return true;
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>Takes back a <see cref="TryWait"/> that was not answered yet.</summary>
    public void StopWaiting(Action wake)
    {
        _lock.Enter();
        _waiting -= wake;
        _lock.Exit();
    }

    /// <summary>Frees the records, where that is not to be left to the garbage collector. Nobody writes or reads any more.</summary>
    public void Dispose()
    {
        foreach (var segment in _segments) segment.Free();
        _segments.Clear();
        _spare?.Free();
        _spare = null;
    }

    private static JournalRead Copy(ReadOnlySpan<byte> records, long fromLsn, Span<byte> buffer, out int bytes)
    {
        bytes = 0;
        while (bytes < records.Length)
        {
            var header = RecordHeader.Read(records[bytes..]);
            if (header.StartLsn != fromLsn + bytes) throw new ArgumentException("No record ends at this LSN.", nameof(fromLsn));
            if (header.TotalBytes > buffer.Length - bytes)
            {
                if (bytes > 0) break;
                bytes = header.TotalBytes;
                return JournalRead.BufferTooSmall;
            }

            bytes += header.TotalBytes;
        }

        records[..bytes].CopyTo(buffer);
        return JournalRead.Copied;
    }

    private JournalSegment SegmentWith(long lsn)
    {
        var at = _segments.Count - 1;
        while (_segments[at].StartLsn > lsn) at--;
        return _segments[at];
    }

    // Drops as many old segments as the limit asks for; the newest before this one stays, for readers who are almost there.
    private JournalSegment AddSegment(int recordBytes)
    {
        var capacity = Math.Max(recordBytes, (int)Math.Clamp(LimitBytes / Segments, MinSegmentBytes, MaxSegmentBytes));
        while (_segments.Count > 1 && _allocatedBytes + capacity > LimitBytes) DropOldest();
        JournalSegment segment;
        if (_spare?.Capacity == capacity)
        {
            segment = _spare;
            _spare = null;
        }
        else
        {
            segment = new JournalSegment(capacity);
        }

        segment.Reset(_lastLsn);
        _segments.Add(segment);
        _allocatedBytes += capacity;
        return segment;
    }

    private void DropOldest()
    {
        var oldest = _segments[0];
        _segments.RemoveAt(0);
        _allocatedBytes -= oldest.Capacity;
        if (!oldest.Retire()) return;
        _spare?.Free();
        _spare = oldest;
    }
}
