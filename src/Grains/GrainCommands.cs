using System.Collections.Concurrent;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains;

/// <summary>
/// Executes the batches of grain calls on the silo's store, as a gateway does for its connections: same rows, same checks, same locks.
/// </summary>
/// <remarks>Any thread. What one execution needs (a worker, a session, a reply buffer) is kept for the next; there are as many as calls
/// have ever run at once, which is at most a few per core, since an execution never waits.</remarks>
/// <param name="store">The silo's.</param>
/// <param name="map">Which version of the slot map a refusal names; null where there is no cluster.</param>
public sealed class GrainCommands(Store store, ISlotMapSource? map = null)
{
    private readonly ConcurrentBag<Lane> _idle = [];

    /// <summary>
    /// Executes <paramref name="commands"/> in order; the replies, in order, are RESP2. A command on a slot that this silo does not own is
    /// certainly not executed: its reply is <see cref="ErrorText.NotOwner"/> with the version of the slot map that is known here.
    /// </summary>
    /// <param name="commands">Whole RESP commands. At the first malformed one the batch ends with the error that a client would get.</param>
    /// <param name="database">The database they work on.</param>
    /// <param name="slotNumber">The slot that their keys must be of; null for any.</param>
    public RespBatch Execute(RespBatch commands, int database, int? slotNumber)
    {
        if ((uint)database >= (uint)store.DatabaseCount) return new([.. "-"u8, .. ErrorText.DbIndexOutOfRange, .. "\r\n"u8]);
        if (!_idle.TryTake(out var lane)) lane = new(store, map);
        try
        {
            return lane.Execute(commands.Bytes, database, slotNumber);
        }
        finally
        {
            lane.Worker.Release();
            _idle.Add(lane);
        }
    }

    private sealed class Lane
    {
        private readonly Store _store;
        private readonly ISlotMapSource? _map;
        private readonly Session _session = new();
        private readonly CommandContext _context;
        private readonly ReplyBuffer _replies = new();

        public Lane(Store store, ISlotMapSource? map)
        {
            _store = store;
            _map = map;
            Worker = store.CreateWorker();
            _context = new(store, _session);
        }

        public Worker Worker { get; }

        public unsafe RespBatch Execute(byte[] commands, int database, int? slotNumber)
        {
            _session.Database = database;
            _replies.Clear();
            Worker.RefreshClock();
            var writer = new ReplyWriter(_replies, resp3: false);
            fixed (byte* start = commands)
            {
                var reader = new CommandReader(start, commands.Length, new(_store.Config.ProtoMaxBulkLengthBytes, IsAuthenticated: true));
                while (reader.Consumed < commands.Length)
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

            writer.Commit();
            return new(TakeReplies());
        }

        private void ExecuteOne(ref ReplyWriter writer, int? slotNumber)
        {
            var args = _context.Args;
            var row = _store.Commands.Find(args[0]);
            if (row is { Subcommands.Length: > 0 } && args.Count > 1) row = _store.Commands.FindSubcommand(row, args[1]);
            if (Refusal(row, args, slotNumber) is { } error)
            {
                writer.Error(error);
                return;
            }

            if (!Admission.HasMemoryFor(Worker, row!.Flags))
            {
                writer.Error(ErrorText.OutOfMemory);
                return;
            }

            // A grain call has nowhere to wait for the end of a pause, as a connection does.
            if (Admission.PausedMs(_store, row.Flags) > 0)
            {
                writer.Error(ErrorText.ClientsPaused);
                return;
            }

            _context.Row = row;
            if (!Executor.Execute(Worker, _context, ref writer)) writer.Error($"{ErrorText.NotOwner} {_map?.Current.Version ?? 0}");
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

        private byte[] TakeReplies()
        {
            var bytes = GC.AllocateUninitializedArray<byte>((int)_replies.Length);
            var at = 0;
            for (var i = 0; i < _replies.ChunkCount; i++)
            {
                var chunk = _replies.ChunkAt(i);
                chunk.CopyTo(bytes.AsSpan(at));
                at += chunk.Length;
            }

            _replies.Clear();
            return bytes;
        }
    }

    /// <summary>A caller that cannot be answered later: a blocking command replies at once that there is nothing.</summary>
    private sealed class Session : ClientSession
    {
        public override bool MayBlock => false;

        public override void Blocked(BlockedCommand command) => throw new InvalidOperationException("A grain call does not wait.");

        public override void Unblocked(BlockedCommand command, ReplyBuffer reply) =>
            throw new InvalidOperationException("A grain call does not wait.");
    }
}
