using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>
/// Goes through all keys by SCAN, again and again, over one connection that it never replaces. Each time it must get every key that it has
/// written before it began.
/// </summary>
internal sealed class KeyScanner : IDisposable
{
    private const int Count = 3000;
    private const int TimeoutMs = 20_000;

    private static readonly string[] Keys = [.. Enumerable.Range(0, Count).Select(i => $"scan:{i}")];

    private readonly RespClient _client;
    private readonly Task _task;
    private volatile bool _isEnded;
    private long _begun;
    private long _ended;

    public KeyScanner(int port)
    {
        _client = RespClient.Connect(port, TimeoutMs);
        foreach (string key in Keys)
            _client.Send(["SET", key, "1"]);
        _client.Flush();
        Assert.All(Keys, _ => Assert.Equal("OK", _client.Read().Text));
        _task = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits until the scan that is under way has ended, and the next one, too.</summary>
    public void AwaitScans(int timeoutMs)
    {
        long last = Interlocked.Read(ref _begun) + 1;
        bool isDone = Wait.Until(() => _task.IsCompleted || Interlocked.Read(ref _ended) >= last, timeoutMs);
        if (_task.IsCompleted)
            _task.GetAwaiter().GetResult();
        Assert.True(isDone, $"SCAN did not end within {timeoutMs} ms");
    }

    public void Dispose()
    {
        _isEnded = true;
        _task.Wait(TimeoutMs);
        _client.Dispose();
    }

    private void Run()
    {
        while (!_isEnded)
        {
            Interlocked.Increment(ref _begun);
            Scan();
            Interlocked.Increment(ref _ended);
        }
    }

    private void Scan()
    {
        HashSet<string> missing = [.. Keys];
        string cursor = "0";
        do
        {
            RespValue reply = _client.Call("SCAN", cursor, "COUNT", "50");
            Assert.True(reply.Items.Count == 2, $"SCAN {cursor} is {reply}");
            cursor = reply.Items[0].Text;
            missing.ExceptWith(reply.Items[1].Items.Select(key => key.Text));
        }
        while (cursor != "0" && !_isEnded);
        Assert.True(_isEnded || missing.Count == 0, $"SCAN left out {missing.Count} keys, {missing.FirstOrDefault()} among them");
    }
}
