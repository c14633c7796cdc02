namespace OrleansKv.Drill.Load;

/// <summary>What one thread does again and again while the gate is open. Everything it does ends within a client's time limit.</summary>
internal interface IWorker : IDisposable
{
    void Step();
}

/// <summary>A thread for every worker. They begin with <see cref="Run"/> and stand still after <see cref="Hold"/>.</summary>
internal sealed class Workers : IDisposable
{
    private const int JoinMs = 40_000;

    private readonly Gate _gate = new();
    private readonly List<Thread> _threads = [];
    private readonly List<IWorker> _workers;
    private volatile Exception? _failure;

    public Workers(string name, IEnumerable<IWorker> workers)
    {
        _workers = [.. workers];
        foreach (IWorker worker in _workers)
        {
            var thread = new Thread(() => Work(worker)) { IsBackground = true, Name = name };
            _threads.Add(thread);
            thread.Start();
        }
    }

    public void Run() => _gate.Open();

    /// <summary>Returns when every worker stands still; a worker may be in the middle of a request for as long as its client waits.</summary>
    public void Hold()
    {
        bool stopped = _gate.Close(JoinMs);
        if (_failure is { } failure)
            throw new InvalidOperationException("a worker failed", failure);
        if (!stopped)
            throw new InvalidOperationException("a worker does not stop");
    }

    public void Dispose()
    {
        _gate.CloseForEver();
        // Takes the sockets away from threads that wait for a reply.
        _workers.ForEach(worker => worker.Dispose());
        _threads.ForEach(thread => thread.Join(JoinMs));
    }

    private void Work(IWorker worker)
    {
        while (_gate.Enter())
        {
            try
            {
                while (_gate.IsOpen && _failure is null)
                    worker.Step();
            }
            catch (Exception e)
            {
                _failure = e;
            }
            finally
            {
                _gate.Leave();
            }
            if (_failure is not null)
                return;
        }
    }
}
