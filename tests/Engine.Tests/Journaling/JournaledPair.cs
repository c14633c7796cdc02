using System.Globalization;
using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests.Journaling;

/// <summary>A store with a journal, and one that follows it whenever a test says so.</summary>
internal sealed class JournaledPair : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024 * 1024];
    private long _transcribedLsn;

    public JournaledPair(ServerConfig? config = null, long limitBytes = 64 * 1024 * 1024)
    {
        Source = new TestStore(config);
        Journal = new Journal(limitBytes: limitBytes);
        Source.Store.Journal = Journal;
        Copy = new TestStore();
        Applier = new EffectApplier(Copy.Store);
        foreach (var slot in Copy.Store.Slots)
        {
            slot.Role = SlotRole.Replica;
            Applier.Follow(slot.Number, 0);
        }
    }

    public TestStore Source { get; }

    public Journal Journal { get; }

    /// <summary>Replicas of all slots.</summary>
    public TestStore Copy { get; }

    public EffectApplier Applier { get; }

    /// <summary>Applies what the journal has and the copy has not.</summary>
    public void CatchUp()
    {
        while (Journal.TryRead(Applier.AppliedLsn, _buffer, out var bytes) is var read && read != JournalRead.Nothing)
        {
            Assert.Equal(JournalRead.Copied, read);
            foreach (var record in Records(_buffer.AsMemory(0, bytes))) Applier.Apply(record.Span);
        }
    }

    /// <summary>The first key that differs between source and copy, and the last records that name it; empty where there is none.</summary>
    public unsafe string Difference()
    {
        foreach (var (left, right) in new[] { (Source.Store, Copy.Store), (Copy.Store, Source.Store) })
        {
            foreach (var slot in left.Slots)
            {
                for (var database = 0; database < slot.DatabaseCount; database++)
                {
                    if (slot.TryGet(database) is not { } keyspace) continue;
                    foreach (var block in keyspace)
                    {
                        var entry = SlotKeyspace.EntryAt((nint)block);
                        var key = Encoding.Latin1.GetString(entry.Key);
                        var (one, two) = (Describe(left, database, entry.Key), Describe(right, database, entry.Key));
                        if (one != two) return $"@{database} {key}: {one} / {two}\n{string.Join('\n', RecordsNaming(key))}";
                    }
                }
            }
        }

        return "";
    }

    /// <summary>Runs a command on the source and gives its records: "SET k v; DEL x | LPOP l", records with bars between them.</summary>
    public string EffectsOf(string line)
    {
        _transcribedLsn = Journal.LastLsn;
        Source.Run(line);
        return Transcript();
    }

    /// <summary>The records since this was last asked for.</summary>
    public string Transcript()
    {
        var read = Journal.TryRead(_transcribedLsn, _buffer, out var bytes);
        _transcribedLsn = Journal.LastLsn;
        if (read == JournalRead.Nothing) return "";
        Assert.Equal(JournalRead.Copied, read);
        return string.Join(" | ", Records(_buffer.AsMemory(0, bytes)).Select(record => Text(record.Span)));
    }

    /// <summary>Cuts bytes of the journal into records.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Records(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = RecordHeader.Read(bytes.Span).TotalBytes;
            yield return bytes[..length];
            bytes = bytes[length..];
        }
    }

    /// <summary>The effects of a record: their words, with the database in front where it is not 0.</summary>
    public static string Text(ReadOnlySpan<byte> record)
    {
        var effects = new List<string>();
        for (var reader = new EffectReader(record); reader.MoveNext();)
        {
            var database = reader.Header.Database == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"@{reader.Header.Database} ");
            effects.Add(database + Words(reader.Command));
        }

        return string.Join("; ", effects);
    }

    public void Dispose()
    {
        Applier.Dispose();
        Source.Dispose();
        Copy.Dispose();
        Journal.Dispose();
    }

    private static string Describe(Store store, int database, ReadOnlySpan<byte> key)
    {
        var keyspace = store.SlotOf(key)[database];
        var entry = keyspace.Find(key);
        if (entry.IsNull) return "none";
        Span<byte> digest = stackalloc byte[ValueDigest.Bytes];
        ValueDigest.OfValue(keyspace, entry, digest);
        return string.Create(CultureInfo.InvariantCulture, $"{entry.Type} {Convert.ToHexString(digest)} until {(entry.HasExpire ? entry.ExpireAtMs : -1)}");
    }

    private IEnumerable<string> RecordsNaming(string key)
    {
        var bytes = new byte[Journal.LimitBytes];
        Journal.TryRead(Journal.FirstLsn, bytes, out var length);
        string[] words = [key, "FLUSH", "SWAPDB"];
        return Records(bytes.AsMemory(0, length)).Select(record => Text(record.Span))
            .Where(text => words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .TakeLast(20);
    }

    private static unsafe string Words(ReadOnlySpan<byte> command)
    {
        fixed (byte* start = command)
        {
            var args = new ArgumentList();
            var reader = new CommandReader(start, command.Length, new ReaderLimits(int.MaxValue, IsAuthenticated: true));
            Assert.Equal(ReadStatus.Command, reader.TryRead(args));
            Assert.Equal(command.Length, reader.Consumed);
            return string.Join(' ', Enumerable.Range(0, args.Count).Select(i => Encoding.Latin1.GetString(args[i])));
        }
    }
}

/// <summary>A client with transactions, on a worker of its own; waits end by <see cref="StopWaiting"/>.</summary>
internal sealed class JournalClient : ClientSession
{
    private readonly Store _store;
    private readonly CommandContext _context;
    private BlockedCommand? _waiting;

    public JournalClient(Store store, Worker worker)
    {
        _store = store;
        Worker = worker;
        _context = new CommandContext(store, this);
    }

    public Worker Worker { get; }

    public override bool MayBlock => !Worker.IsInTransaction;

    /// <summary>Runs a command as a connection of its own would, unless it is one that does not exist.</summary>
    public void Run(params string[] arguments)
    {
        StopWaiting();
        if (TryPrepare(arguments) is not { } command) return;
        Worker.RefreshClock();
        Execute(command);
        Worker.Release();
    }

    /// <summary>Runs commands in one transaction.</summary>
    public void Exec(IEnumerable<string[]> commands)
    {
        StopWaiting();
        var queue = commands.Select(TryPrepare).OfType<(CommandRow, ArgumentList)>().ToArray();
        Worker.RefreshClock();
        var locked = Executor.BeginTransaction(Worker, queue, []);
        try
        {
            foreach (var command in queue) Execute(command);
        }
        finally
        {
            Executor.EndTransaction(Worker, locked);
        }
    }

    public void StopWaiting()
    {
        if (_waiting is { } command && command.TryClaim())
        {
            command.End(_store);
            _waiting = null;
        }
    }

    public override void Blocked(BlockedCommand command) => _waiting = command;

    public override void Unblocked(BlockedCommand command, ReplyBuffer reply)
    {
        _waiting = null;
        reply.Dispose();
    }

    private (CommandRow Row, ArgumentList Args)? TryPrepare(string[] arguments)
    {
        if (arguments.Length == 0) return null;
        var args = ArgumentList.Of([.. arguments.Select(Encoding.Latin1.GetBytes)]);
        var row = _store.Commands.Find(args[0]);
        if (row is { Subcommands.Length: > 0 }) row = args.Count > 1 ? _store.Commands.FindSubcommand(row, args[1]) : null;
        return row?.Handler != null && row.AcceptsCount(args.Count) ? (row, args) : null;
    }

    private void Execute((CommandRow Row, ArgumentList Args) command)
    {
        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, resp3: false);
        (_context.Row, _context.Args) = command;
        Executor.Execute(Worker, _context, ref writer);
        writer.Commit();
    }
}
