using System.Globalization;
using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Tests;

/// <summary>A store without a gateway: runs commands given as text and gives their replies as RESP text.</summary>
internal sealed class TestStore : IDisposable
{
    private readonly TestClient _client;

    public TestStore(ServerConfig? config = null, params CommandRow[] commands)
    {
        Config = config ?? new ServerConfig();
        Store = new Store(Config, Time, commands);
        Worker = Store.CreateWorker();
        _client = new TestClient(this);
    }

    public ServerConfig Config { get; }

    public Store Store { get; }

    public Worker Worker { get; }

    /// <summary>The store's clock, which stands still unless a test moves it.</summary>
    public ManualTime Time { get; } = new();

    /// <summary>Runs a command line (words as redis-cli splits them) for the first client: "+OK\r\n".</summary>
    public string Run(string line) => _client.Run(line);

    /// <summary>Runs a command whose arguments are given one by one.</summary>
    public string Run(params string[] arguments) => _client.Run(arguments);

    /// <summary>The bulk strings of a reply, however they are nested.</summary>
    public string[] Bulks(string line) => BulksOf(Run(line));

    /// <summary>The bulk strings of a reply, sorted and with blanks between.</summary>
    public string Sorted(string line) => string.Join(' ', Bulks(line).Order(StringComparer.Ordinal));

    /// <summary>What OBJECT ENCODING calls the encoding of a collection.</summary>
    public string EncodingOf(string key)
    {
        var bytes = Encoding.Latin1.GetBytes(key);
        var keyspace = Store.SlotOf(bytes)[0];
        return keyspace.CollectionOf(keyspace.Find(bytes)).EncodingName;
    }

    /// <summary>A further client, with a database and a wait of its own.</summary>
    public TestClient Connect() => new(this);

    public void Dispose() => Store.Dispose();

    private static string[] BulksOf(string reply)
    {
        var bulks = new List<string>();
        for (var at = 0; at < reply.Length;)
        {
            var end = reply.IndexOf("\r\n", at, StringComparison.Ordinal);
            var next = end + 2;
            if (reply[at] == '$' && reply[at + 1] != '-')
            {
                var length = int.Parse(reply.AsSpan(at + 1, end - at - 1), CultureInfo.InvariantCulture);
                bulks.Add(reply.Substring(next, length));
                next += length + 2;
            }

            at = next;
        }

        return [.. bulks];
    }
}

/// <summary>A client of a <see cref="TestStore"/>.</summary>
internal sealed class TestClient : ClientSession
{
    private readonly TestStore _store;
    private readonly CommandContext _context;
    private string? _served;

    public TestClient(TestStore store)
    {
        _store = store;
        _context = new CommandContext(store.Store, this);
    }

    public override bool MayBlock => true;

    /// <summary>The command that waits, or null.</summary>
    public BlockedCommand? Waiting { get; private set; }

    public string Run(string line) => Run([.. InlineWords.Split(Encoding.Latin1.GetBytes(line))!.Select(Encoding.Latin1.GetString)]);

    public string Run(params string[] arguments)
    {
        using var buffer = new ReplyBuffer();
        var writer = new ReplyWriter(buffer, Resp3);
        _context.Args = ArgumentList.Of([.. arguments.Select(Encoding.Latin1.GetBytes)]);
        var row = _store.Store.Commands.Find(_context.Args[0]) ?? throw new ArgumentException($"no command {arguments[0]}");
        if (row.Subcommands.Length > 0) row = _store.Store.Commands.FindSubcommand(row, _context.Args[1])!;
        _store.Worker.RefreshClock();
        if (row.AcceptsCount(arguments.Length))
        {
            _context.Row = row;
            if (!Executor.Execute(_store.Worker, _context, ref writer)) writer.Error(ErrorText.NotOwner);
            _store.Worker.Release();
        }
        else
        {
            writer.Error(ErrorText.WrongArity(row.FullName));
        }

        writer.Commit();
        return Text(buffer);
    }

    /// <summary>The reply that a wait was served with since the last call, or null.</summary>
    public string? TakeServed()
    {
        var served = _served;
        _served = null;
        return served;
    }

    public override void Blocked(BlockedCommand command) => Waiting = command;

    public override void Unblocked(BlockedCommand command, ReplyBuffer reply)
    {
        Waiting = null;
        _served = Text(reply);
        reply.Dispose();
    }

    private static string Text(ReplyBuffer buffer)
    {
        var text = new StringBuilder();
        for (var i = 0; i < buffer.ChunkCount; i++) text.Append(Encoding.Latin1.GetString(buffer.ChunkAt(i)));
        return text.ToString();
    }
}

/// <summary>Time that tests move.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(55);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
