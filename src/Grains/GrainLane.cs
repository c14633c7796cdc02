using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains;

/// <summary>What executes the batches of grain calls, one at a time: a worker, a session and a reply buffer.</summary>
internal sealed partial class GrainLane
{
    private readonly Store _store;
    private readonly ISlotMapSource? _map;
    private readonly RemoteWatches? _watches;
    private readonly Func<string>? _self;
    private readonly Session _session = new();
    private readonly CommandContext _context;
    private readonly ReplyBuffer _replies = new();
    private bool _isRefused;

    public GrainLane(Store store, ISlotMapSource? map, RemoteWatches? watches, Func<string>? self)
    {
        _store = store;
        _map = map;
        _watches = watches;
        _self = self;
        Worker = store.CreateWorker();
        _context = new(store, _session);
    }

    public Worker Worker { get; }

    public unsafe RespBatch Execute(RespBatch commands, int database, int? slotNumber)
    {
        _session.Database = database;
        _session.Resp3 = commands.Resp3;
        _session.NoTouch = commands.NoTouch;
        _isRefused = false;
        _replies.Clear();
        Worker.ResetBarrier();
        Worker.RefreshClock();
        var bytes = commands.Bytes;
        var writer = new ReplyWriter(_replies, commands.Resp3);
        fixed (byte* start = bytes)
        {
            var reader = new CommandReader(start, bytes.Length, new(_store.Config.ProtoMaxBulkLengthBytes, IsAuthenticated: true));
            while (reader.Consumed < bytes.Length)
            {
                var status = reader.TryRead(_context.Args);
                if (status != ReadStatus.Command)
                {
                    if (reader.Error != null) writer.Error(reader.Error);
                    else writer.Error("ERR Protocol error: unexpected end of a batch"u8);
                    break;
                }

                if (_context.Args.Count > 0) ExecuteOne(ref writer, slotNumber);
            }
        }

        CloseTransaction();
        writer.Commit();
        var replies = _replies.ToArray();
        _replies.Clear();
        return new(replies, commands.Resp3);
    }

    private void ExecuteOne(ref ReplyWriter writer, int? slotNumber)
    {
        var args = _context.Args;
        if (TryTransactionWord(args, ref writer) || TryWatchWord(args, ref writer)) return;
        var row = _store.Commands.Find(args[0]);
        if (row is { Subcommands.Length: > 0 } && args.Count > 1) row = _store.Commands.FindSubcommand(row, args[1]);
        if (Refusal(row, args, slotNumber) is { } error)
        {
            Refuse(error, ref writer);
            return;
        }

        if (!Admission.HasMemoryFor(Worker, row!.Flags))
        {
            Refuse(ErrorText.OutOfMemory, ref writer);
            return;
        }

        if (!Admission.HasReplicasFor(Worker, row.Flags))
        {
            Refuse(ErrorText.NoReplicas, ref writer);
            return;
        }

        // A grain call has nowhere to wait for the end of a pause, as a connection does.
        if (Admission.PausedMs(_store, row.Flags) > 0)
        {
            Refuse(ErrorText.ClientsPaused, ref writer);
            return;
        }

        if (_queue != null)
        {
            Queue(row, args, ref writer);
            return;
        }

        _context.Row = row;
        var isForeign = _isRefused || !IsScanOfAnOwnedSlot(row, args) || !ServesWhatItOwns(row);
        if (isForeign || !Executor.Execute(Worker, _context, ref writer)) RefuseAsForeign(ref writer);
    }

    private void RefuseAsForeign(ref ReplyWriter writer)
    {
        _isRefused = true;
        writer.Error($"{ErrorText.NotOwner} {_map?.Current.Version ?? 0}");
    }

    // SCAN goes on in the slot that its cursor names.
    private bool IsScanOfAnOwnedSlot(CommandRow row, ArgumentList args) =>
        row.Name != "scan" || ScanCursor.SlotOf(args[1]) is not { } slot || _store.Slots[slot].IsOwned;

    // A command on the whole keyspace waits while slots that this silo owns are about to come or go: it would miss them.
    private bool ServesWhatItOwns(CommandRow row)
    {
        var isWhole = row.Scope == CommandScope.AllSlots || row.Name is "keys" or "dbsize" or "randomkey";
        if (_map == null || _self == null || !isWhole) return true;
        foreach (var range in _map.Current.RangesOf(_self()))
            foreach (var slot in _store.Slots[range.First..(range.Last + 1)])
                if (!slot.IsOwned) return false;
        return true;
    }

    /// <summary>Why the command is not executed here; null if it is.</summary>
    private static string? Refusal(CommandRow? row, ArgumentList args, int? slotNumber)
    {
        if (row == null) return $"ERR unknown command '{Encoding.UTF8.GetString(args[0])}'";
        if (row.Handler == null || !row.AcceptsCount(args.Count)) return ErrorText.WrongArity(row.FullName);
        if (row.NeedsConnection || row.Scope is CommandScope.Connection or CommandScope.Gateway)
            return $"ERR '{row.FullName}' needs a connection";
        if (slotNumber is not { } slot) return null;
        if (row.Scope != CommandScope.Keys) return $"ERR '{row.FullName}' is not of one slot";
        return IsOfSlot(row, args, slot) ? null : "CROSSSLOT Keys in request don't hash to the same slot";
    }

    private static bool IsOfSlot(CommandRow row, ArgumentList args, int slot)
    {
        foreach (var spec in row.Keys)
        {
            var (first, last) = spec.Resolve(args);
            for (var i = first; i <= last; i += spec.Step)
                if (SlotHash.Of(args[i]) != slot) return false;
        }

        return true;
    }

    /// <summary>A caller that cannot be answered later: a blocking command replies at once that there is nothing.</summary>
    private sealed class Session : ClientSession
    {
        public Session() => ScansAllSilos = true;

        public override bool MayBlock => false;

        public override void Blocked(BlockedCommand command) => throw new InvalidOperationException("A grain call does not wait.");

        public override void Unblocked(BlockedCommand command, ReplyBuffer reply) =>
            throw new InvalidOperationException("A grain call does not wait.");
    }
}
