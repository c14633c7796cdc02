using System.Collections.Concurrent;
using OrleansKv.Engine.Execution;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>The clients of a gateway that wait for keys of other silos. Any thread.</summary>
internal sealed class RemoteWaitTable : IWaitingClients
{
    private readonly ConcurrentDictionary<long, RemoteWait> _waits = new();
    private long _lastId;

    /// <summary>Waits there are.</summary>
    public int Count => _waits.Count;

    /// <inheritdoc/>
    public bool Wake(long wait)
    {
        if (!_waits.TryGetValue(wait, out var found)) return false;
        found.Wake();
        return true;
    }

    /// <summary>Adds a wait, and gives the number that it has for other silos.</summary>
    public long Add(RemoteWait wait)
    {
        var id = Interlocked.Increment(ref _lastId);
        _waits[id] = wait;
        return id;
    }

    public void Remove(long id) => _waits.TryRemove(id, out _);
}
