using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>Has a client count as fast as it can, on a thread of its own, until it is held.</summary>
internal sealed class CounterLoad : IDisposable
{
    // After a round that failed, so that a client that fails at once leaves the processor to the servers.
    private const int PauseMs = 5;
    private const int HoldMs = 30_000;

    private readonly CounterClient _client;
    private readonly ManualResetEventSlim _held = new();
    private readonly Task _task;
    private long _begun;
    private long _whole;

    public CounterLoad(CounterClient client)
    {
        _client = client;
        _task = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits until every counter was counted up in a round that began after this call.</summary>
    /// <param name="timeoutMs">Milliseconds after which that has failed.</param>
    /// <param name="when">What has just happened, for the failure's message.</param>
    public void AwaitRound(int timeoutMs, string when = "at first")
    {
        long begun = Interlocked.Read(ref _begun);
        bool isDone = Wait.Until(() => _task.IsCompleted || Interlocked.Read(ref _whole) > begun, timeoutMs);
        if (_task.IsCompleted)
            _task.GetAwaiter().GetResult();
        Assert.True(isDone, $"{_client.Name} did not go on {when}, within {timeoutMs} ms: {_client.Error}");
    }

    /// <summary>Ends it after the round that is under way.</summary>
    public void Hold()
    {
        _held.Set();
        Assert.True(_task.Wait(HoldMs), $"{_client.Name} hangs");
    }

    public void Dispose()
    {
        _held.Set();
        if (_task.IsCompleted)
            _held.Dispose();
    }

    private void Run()
    {
        while (!_held.IsSet)
        {
            long round = Interlocked.Increment(ref _begun);
            if (_client.Round())
                Interlocked.Exchange(ref _whole, round);
            else
                _held.Wait(PauseMs);
        }
    }
}
