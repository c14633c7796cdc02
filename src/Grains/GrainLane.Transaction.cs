using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains;

/// <summary>MULTI … EXEC within a batch: what is queued runs under the locks of all its slots, as for a client of a gateway.</summary>
internal sealed partial class GrainLane
{
    private List<(CommandRow Row, ArgumentList Args)>? _queue;
    private bool _hasErrors;

    // MULTI and EXEC are commands of a gateway's connections; a batch knows them as words of its own.
    private bool TryTransactionWord(ArgumentList args, ref ReplyWriter writer)
    {
        if (args.Count != 1 || args[0].Length is not (4 or 5)) return false;
        if (Ascii.EqualsIgnoreCase(args[0], "multi"u8) && _queue == null)
        {
            _queue = [];
            _hasErrors = false;
            writer.Ok();
            return true;
        }

        if (_queue == null || !Ascii.EqualsIgnoreCase(args[0], "exec"u8)) return false;
        ExecuteQueue(_queue, watch: null, ref writer);
        CloseTransaction();
        return true;
    }

    private void Queue(CommandRow row, ArgumentList args, ref ReplyWriter writer)
    {
        _queue!.Add((row, args.Own()));
        writer.Raw("+QUEUED\r\n"u8);
    }

    private void Refuse(ReadOnlySpan<byte> error, ref ReplyWriter writer)
    {
        _hasErrors = true;
        writer.Error(error);
    }

    private void Refuse(string error, ref ReplyWriter writer) => Refuse(Encoding.UTF8.GetBytes(error), ref writer);

    private void CloseTransaction() => _queue = null;

    private void ExecuteQueue(List<(CommandRow Row, ArgumentList Args)> queue, RemoteWatches.Watch? watch, ref ReplyWriter writer)
    {
        if (_hasErrors)
        {
            writer.Error(ErrorText.ExecAbort);
            return;
        }

        if (_isRefused)
        {
            RefuseAsForeign(ref writer);
            return;
        }

        var args = _context.Args;
        var locked = Executor.BeginTransaction(Worker, queue, watch?.Keys ?? []);
        try
        {
            if (!locked.AreServed)
            {
                RefuseAsForeign(ref writer);
                return;
            }

            if (watch?.HasChanged(_store, Worker.NowMs) == true)
            {
                writer.NullArray();
                return;
            }

            writer.Array(queue.Count);
            foreach (var queued in queue)
            {
                (_context.Row, _context.Args) = queued;
                Executor.Execute(Worker, _context, ref writer);
            }
        }
        finally
        {
            _context.Args = args;
            Executor.EndTransaction(Worker, locked);
        }
    }
}
