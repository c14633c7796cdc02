using OrleansKv.Engine.Execution;

namespace OrleansKv.RespGateway.Server;

/// <summary>The counters of all workers added up, and what changes by time. Any thread reads.</summary>
public sealed class ServerStatistics(Store store)
{
    private readonly OperationRate _operations = new();
    private readonly OperationRate _inputBytes = new();
    private readonly OperationRate _outputBytes = new();

    /// <summary>Commands executed.</summary>
    public long Commands => Sum(worker => worker.Statistics.Commands);

    public long Hits => Sum(worker => worker.Statistics.Hits);

    public long Misses => Sum(worker => worker.Statistics.Misses);

    public long ExpiredKeys => Sum(worker => worker.Statistics.ExpiredKeys);

    public long EvictedKeys => Sum(worker => worker.Statistics.EvictedKeys);

    /// <summary>Changes of keys since the start.</summary>
    public long Changes => Sum(worker => worker.Statistics.Changes);

    public long OperationsPerSecond => _operations.PerSecond;

    public double InputKilobytesPerSecond => _inputBytes.PerSecond / 1024.0;

    public double OutputKilobytesPerSecond => _outputBytes.PerSecond / 1024.0;

    /// <summary>Replies that were errors.</summary>
    public long ErrorReplies => Errors.Values.Sum();

    /// <summary>Errors replied, by code.</summary>
    public SortedDictionary<string, long> Errors
    {
        get
        {
            var errors = new SortedDictionary<string, long>(StringComparer.Ordinal);
            foreach (var worker in store.Workers)
            {
                lock (worker.Statistics.Errors)
                    foreach (var (code, count) in worker.Statistics.Errors) errors[code] = errors.GetValueOrDefault(code) + count;
            }

            return errors;
        }
    }

    /// <summary>Counters of one command.</summary>
    public WorkerStatistics.PerCommand Of(int commandIndex)
    {
        var sum = default(WorkerStatistics.PerCommand);
        foreach (var worker in store.Workers)
        {
            var part = worker.Statistics.Of(commandIndex);
            sum.Calls += part.Calls;
            sum.Ticks += part.Ticks;
            sum.Rejected += part.Rejected;
            sum.Failed += part.Failed;
        }

        return sum;
    }

    /// <summary>CONFIG RESETSTAT.</summary>
    public void Reset()
    {
        foreach (var worker in store.Workers) worker.Statistics.Reset();
        store.ActiveExpiry.ResetStatistics();
        store.LazyFree.ResetStatistics();
    }

    /// <summary>Called some times a second by one thread.</summary>
    /// <param name="readBytes">Bytes received so far.</param>
    /// <param name="writtenBytes">Bytes sent so far.</param>
    /// <param name="nowMs">A monotonic time.</param>
    internal void Sample(long readBytes, long writtenBytes, long nowMs)
    {
        _operations.Sample(Commands, nowMs);
        _inputBytes.Sample(readBytes, nowMs);
        _outputBytes.Sample(writtenBytes, nowMs);
    }

    private long Sum(Func<Worker, long> value)
    {
        long sum = 0;
        foreach (var worker in store.Workers) sum += value(worker);
        return sum;
    }
}
