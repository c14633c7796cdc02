using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>Reads counters all the while, over one connection that it never replaces. Each is to be answered by a number, never a smaller one.</summary>
internal sealed class KeyReader : IDisposable
{
    private readonly RespClient _client;
    private readonly string[] _keys;
    private readonly long[] _seen;
    private readonly Task _task;
    private volatile bool _isEnded;

    public KeyReader(int port, string[] keys)
    {
        _client = RespClient.Connect(port, timeoutMs: 20_000);
        _keys = keys;
        _seen = new long[keys.Length];
        _task = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Ends it, and fails where a read did.</summary>
    public void End()
    {
        _isEnded = true;
        _task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _isEnded = true;
        _client.Dispose();
    }

    private void Run()
    {
        for (int i = 0; !_isEnded; i = (i + 1) % _keys.Length)
        {
            RespValue reply = _client.Call("GET", _keys[i]);
            Assert.True(long.TryParse(reply.Text, out long value) && value >= _seen[i], $"{_keys[i]} is {reply} after {_seen[i]}");
            _seen[i] = value;
        }
    }
}
