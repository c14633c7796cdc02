using System.Diagnostics.CodeAnalysis;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Journaling;

/// <summary>
/// Writes a slot, in all databases, as effects that rebuild it, in chunks of bounded size, while the slot is written to. What
/// <see cref="EffectApplier.ApplyCopy"/> makes of all the chunks is what the slot holds at <see cref="Lsn"/>; from there on the journal goes.
/// </summary>
/// <remarks>
/// The slot is locked for one chunk at a time. Every key is sent whole, as it is at that moment, so the receiver needs nothing of the
/// journal before the copy is complete. A key that changes after it was sent is sent again: the slot tells its copies of every change. First
/// all keys are sent in the order of a scan, which misses none that was there from the beginning, then those that have changed since, until
/// there are none; at that moment, under the lock, the copy is complete.
/// <para>So that this comes to an end whatever is written: after the scan the size of the chunks is doubled time and again, and a collection
/// that has changed in the middle of its copy twice is sent in one piece.</para>
/// <para>Not sent are the access clocks, which the receiver starts anew. FLUSHALL, FLUSHDB and SWAPDB have the copy begin anew.</para>
/// </remarks>
public sealed class SlotCopy : IDisposable
{
    /// <summary>Bytes of effects after which a chunk ends.</summary>
    public const int DefaultChunkBytes = 64 * 1024;

    private const int MaxBrokenOff = 2;
    private const int ChunksBeforeDoubling = 8;
    private const int MaxChunkBytes = 1 << 30;

    private readonly Store _store;
    private readonly Slot _slot;
    private readonly int _firstChunkBytes;
    private readonly EffectBuffer _chunk = new();
    private readonly List<nint> _found = [];
    private readonly Queue<(int Database, byte[] Key)> _scanned = [];
    private readonly HashSet<byte[]>[] _changed;

    private bool _hasBegun;
    private bool _isDisposed;
    private int _chunkBytes;
    private int _chunksAfterScan;

    // Where the scan is: the database, and the place in it. Beyond the last database there are only changed keys left.
    private int _database;
    private ulong _cursor;

    private KeyRebuild? _current;
    private bool _currentHasChanged;
    private int _brokenOff;

    public SlotCopy(Store store, Slot slot, int chunkBytes = DefaultChunkBytes)
    {
        _store = store;
        _slot = slot;
        _firstChunkBytes = _chunkBytes = chunkBytes;
        _changed = new HashSet<byte[]>[store.DatabaseCount];
        for (var i = 0; i < _changed.Length; i++) _changed[i] = new HashSet<byte[]>(ByteKeyComparer.Instance);
    }

    /// <summary>True once all chunks were given out.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What the copy is equal to, once it is complete: the slot after the journal's record of this LSN, and before the next of its own.</summary>
    public long Lsn { get; private set; }

    /// <summary>The next chunk, a record without an LSN; valid until the next call. Null when the copy is complete. Takes the slot's lock.</summary>
    public ReadOnlyMemory<byte>? Next()
    {
        if (IsComplete) return null;
        _chunk.Clear();
        _slot.Lock.Enter();
        try
        {
            if (!_hasBegun) Begin();
            Fill();
        }
        finally
        {
            _slot.Lock.Exit();
        }

        return _chunk.ToRecord(0, _store.Clock.NowMs);
    }

    /// <summary>The copy is not gone on with.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _slot.Lock.Enter();
        try
        {
            Leave();
        }
        finally
        {
            _slot.Lock.Exit();
        }
    }

    /// <summary>A key has changed, or has gone. Under the slot lock.</summary>
    internal void Touch(int database, ReadOnlySpan<byte> key)
    {
        _changed[database].GetAlternateLookup<ReadOnlySpan<byte>>().Add(key);
        if (_current?.Database == database && key.SequenceEqual(_current.Key)) _currentHasChanged = true;
    }

    /// <summary>Everything may have changed. Under the slot lock.</summary>
    internal void Restart() => _hasBegun = false;

    private void Begin()
    {
        if (_slot.Copies == null || !_slot.Copies.Contains(this)) (_slot.Copies ??= new SlotCopies()).Add(this);
        _hasBegun = true;
        _database = 0;
        _cursor = 0;
        _current = null;
        _chunkBytes = _firstChunkBytes;
        _chunksAfterScan = 0;
        _scanned.Clear();
        foreach (var keys in _changed) keys.Clear();

        // What an earlier attempt has left behind.
        _chunk.Begin(_slot.Number, 0, 1);
        _chunk.Argument("FLUSHALL"u8);
    }

    private void Fill()
    {
        if (_database == _changed.Length && ++_chunksAfterScan % ChunksBeforeDoubling == 0) _chunkBytes = Math.Min(MaxChunkBytes, _chunkBytes * 2);
        while (_chunk.PayloadBytes < _chunkBytes)
        {
            if (!TryTake(out var rebuild))
            {
                IsComplete = true;
                Lsn = _store.Journal?.LastLsn ?? 0;
                Leave();
                return;
            }

            // What it is now is what is sent: only later changes matter.
            if (_current == null) _changed[rebuild.Database].Remove(rebuild.Key);
            var isDone = rebuild.TryWrite(_chunk, _brokenOff >= MaxBrokenOff ? int.MaxValue : _chunkBytes);
            _current = isDone ? null : rebuild;
            if (isDone) _brokenOff = 0;
        }
    }

    // The key to go on with: the one under way, unless it has changed; then it is sent from its beginning.
    private bool TryTake([NotNullWhen(true)] out KeyRebuild? rebuild)
    {
        if (_current != null && !_currentHasChanged)
        {
            rebuild = _current;
            return true;
        }

        rebuild = null;
        _currentHasChanged = false;
        if (_current != null)
        {
            _brokenOff++;
            rebuild = new KeyRebuild(_slot, _current.Database, _current.Key);
            _current = null;
        }
        else if (TryScan(out var scanned))
        {
            rebuild = new KeyRebuild(_slot, scanned.Database, scanned.Key);
        }
        else
        {
            for (var database = 0; rebuild == null && database < _changed.Length; database++)
                foreach (var changed in _changed[database])
                {
                    rebuild = new KeyRebuild(_slot, database, changed);
                    break;
                }
        }

        return rebuild != null;
    }

    // The next key of the scan; false at its end.
    private bool TryScan(out (int Database, byte[] Key) key)
    {
        while (_scanned.Count == 0 && _database < _changed.Length)
        {
            if (_slot.TryGet(_database) is { Count: > 0 } keyspace)
            {
                _found.Clear();
                _cursor = keyspace.Scan(_cursor, _found);
                foreach (var block in _found) _scanned.Enqueue((_database, SlotKeyspace.EntryAt(block).Key.ToArray()));
            }
            else
            {
                _cursor = 0;
            }

            if (_cursor == 0) _database++;
        }

        return _scanned.TryDequeue(out key);
    }

    private void Leave()
    {
        _slot.Copies?.Remove(this);
        if (_slot.Copies is { IsEmpty: true }) _slot.Copies = null;
    }
}
