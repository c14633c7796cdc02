using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Journaling;

/// <summary>
/// Follows another store's journal: executes its records on the slots that are followed, as a replica does. One thread at a time.
/// </summary>
/// <remarks>
/// A record is applied under the locks of all its slots: whole or not at all. Its clock is the owner's. Nothing happens that the owner did
/// not say: no key expires or is evicted, nothing is refused for want of memory, nobody who waits is served, no keyspace event is published,
/// nothing is recorded in a journal of this store.
/// </remarks>
public sealed class EffectApplier : IDisposable
{
    /// <summary>In place of an LSN: the first record may be any.</summary>
    public const long AnyLsn = -1;

    private readonly Store _store;
    private readonly Worker _worker;
    private readonly Session _session = new();
    private readonly CommandContext _context;
    private readonly ReplyBuffer _replies = new();
    private readonly SortedSet<int> _locked = [];

    // By slot: records up to here do not concern it, since its copy has them.
    private readonly long[] _sinceLsn;

    // The slot that the effect under way is of; null where it is of all.
    private Slot? _only;
    private long _recordLsn;

    /// <param name="store">Where records are applied.</param>
    /// <param name="appliedLsn">What the store has of the journal already, or <see cref="AnyLsn"/>.</param>
    public EffectApplier(Store store, long appliedLsn = 0)
    {
        _store = store;
        _worker = new Worker(store) { Applier = this };
        _context = new CommandContext(store, _session) { Worker = _worker };
        _sinceLsn = new long[store.Slots.Length];
        Array.Fill(_sinceLsn, long.MaxValue);
        AppliedLsn = appliedLsn;
    }

    /// <summary>The LSN of the last record that was applied.</summary>
    public long AppliedLsn { get; private set; }

    /// <summary>The latest that the owner's clock was in what was applied, in milliseconds since the Unix epoch.</summary>
    public long OwnerNowMs { get; private set; }

    /// <summary>Has the records behind <paramref name="sinceLsn"/> applied to a slot, whose content is the owner's at that LSN.</summary>
    public void Follow(int slotNumber, long sinceLsn) => _sinceLsn[slotNumber] = sinceLsn;

    /// <summary>Has no further records applied to a slot.</summary>
    public void Unfollow(int slotNumber) => _sinceLsn[slotNumber] = long.MaxValue;

    /// <summary>Executes a record's effects on the slots that are followed.</summary>
    /// <param name="record">A whole record: the one behind <see cref="AppliedLsn"/>.</param>
    public void Apply(ReadOnlySpan<byte> record)
    {
        var header = RecordHeader.Read(record);
        if (header.TotalBytes != record.Length) throw new ArgumentException("Not one whole record.", nameof(record));
        if (AppliedLsn != AnyLsn && header.StartLsn != AppliedLsn)
            throw new InvalidOperationException($"The record from {header.StartLsn} on does not follow {AppliedLsn}.");
        Execute(record, header, isCopy: false);
        AppliedLsn = header.Lsn;
    }

    /// <summary>Executes a chunk of a <see cref="SlotCopy"/>. After the last one the slot is followed from the copy's LSN on.</summary>
    public void ApplyCopy(ReadOnlySpan<byte> chunk) => Execute(chunk, RecordHeader.Read(chunk), isCopy: true);

    public void Dispose() => _replies.Dispose();

    /// <summary>Whether the command under way, which is on whole databases, is meant for this slot.</summary>
    internal bool Covers(Slot slot) => _only == null ? Follows(slot.Number) : _only == slot;

    private bool Follows(int slotNumber) => _recordLsn > _sinceLsn[slotNumber];

    private void Execute(ReadOnlySpan<byte> record, in RecordHeader header, bool isCopy)
    {
        _recordLsn = header.Lsn;
        OwnerNowMs = Math.Max(OwnerNowMs, header.NowMs);
        FindSlots(record, isCopy);
        foreach (var number in _locked) _store.Slots[number].Lock.Enter();
        try
        {
            _worker.SetClock(header.NowMs);
            for (var effects = new EffectReader(record); effects.MoveNext();)
                if (isCopy || effects.Header.SlotNumber == EffectHeader.EverySlot || Follows(effects.Header.SlotNumber))
                    Execute(effects.Header, effects.Command);
        }
        finally
        {
            foreach (var number in _locked) _store.Slots[number].Lock.Exit();
        }
    }

    // The slots that the record's effects here are of, in the order in which they are locked.
    private void FindSlots(ReadOnlySpan<byte> record, bool isCopy)
    {
        _locked.Clear();
        for (var effects = new EffectReader(record); effects.MoveNext();)
        {
            var number = effects.Header.SlotNumber;
            if (number != EffectHeader.EverySlot)
            {
                if (isCopy || Follows(number)) _locked.Add(number);
                continue;
            }

            for (number = 0; number < _sinceLsn.Length; number++)
                if (Follows(number)) _locked.Add(number);
        }
    }

    private unsafe void Execute(in EffectHeader header, ReadOnlySpan<byte> command)
    {
        _only = header.SlotNumber == EffectHeader.EverySlot ? null : _store.Slots[header.SlotNumber];
        _session.Database = header.Database;
        _context.Single = _only;
        _context.Changes = 0;
        fixed (byte* start = command)
        {
            var reader = new CommandReader(start, command.Length, new ReaderLimits(int.MaxValue, IsAuthenticated: true));
            var status = reader.TryRead(_context.Args);
            var row = status == ReadStatus.Command ? _store.Commands.Find(_context.Args[0]) : null;
            if (row is { Subcommands.Length: > 0 }) row = _store.Commands.FindSubcommand(row, _context.Args[1]);
            if (row?.Handler == null) throw new InvalidOperationException("A record has an effect that is no command.");
            _context.Row = row;
            var writer = new ReplyWriter(_replies, resp3: false);
            row.Handler(_context, ref writer);
            var errors = writer.TakeErrors();
            writer.Commit();
            _replies.Clear();
            if (errors > 0) throw new InvalidOperationException($"'{row.FullName}' of a record failed ({writer.LastError}): this store is no copy of its owner's.");
        }
    }

    private sealed class Session : ClientSession
    {
        public override bool MayBlock => false;

        public override void Blocked(BlockedCommand command) => throw new InvalidOperationException("An effect does not wait.");

        public override void Unblocked(BlockedCommand command, ReplyBuffer reply) =>
            throw new InvalidOperationException("An effect does not wait.");
    }
}
