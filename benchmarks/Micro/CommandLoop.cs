using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Micro;

/// <summary>
/// A store and one client, without a gateway: runs prepared commands as a connection would, look-up of the row, slot and lock included,
/// and throws the replies away.
/// </summary>
internal sealed class CommandLoop : IDisposable
{
    private readonly Store _store;
    private readonly Worker _worker;
    private readonly CommandContext _context;
    private readonly ReplyBuffer _replies = new();

    /// <param name="isJournaled">Whether what commands do is recorded.</param>
    public CommandLoop(bool isJournaled = false)
    {
        _store = new Store(new ServerConfig(), TimeProvider.System);
        if (isJournaled) _store.Journal = new Journal();
        _worker = _store.CreateWorker();
        _worker.RefreshClock();
        _context = new CommandContext(_store, new Client());
    }

    public Store Store => _store;

    /// <summary>A command's arguments, words with blanks between them.</summary>
    public static ArgumentList Prepare(string line) => ArgumentList.Of([.. line.Split(' ').Select(Encoding.Latin1.GetBytes)]);

    /// <summary>Runs the command; gives the length of its reply, so that it cannot be left out.</summary>
    public long Run(ArgumentList command)
    {
        var writer = new ReplyWriter(_replies, resp3: false);
        _context.Args = command;
        _context.Row = _store.Commands.Find(command[0])!;
        Executor.Execute(_worker, _context, ref writer);
        writer.Commit();
        _worker.Release();
        long length = _replies.Length;
        _replies.Clear();
        return length;
    }

    public void Dispose()
    {
        _replies.Dispose();
        _store.Dispose();
        _store.Journal?.Dispose();
    }

    private sealed class Client : ClientSession
    {
        public override bool MayBlock => false;

        public override void Blocked(BlockedCommand command) => throw new InvalidOperationException("no command here waits");

        public override void Unblocked(BlockedCommand command, ReplyBuffer reply) => reply.Dispose();
    }
}
