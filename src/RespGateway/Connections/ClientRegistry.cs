using System.Collections.Concurrent;

namespace OrleansKv.RespGateway.Connections;

/// <summary>The clients of a gateway, by id. Any thread.</summary>
public sealed class ClientRegistry
{
    private readonly ConcurrentDictionary<long, RespConnection> _clients = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>The clients as of now, by ascending id.</summary>
    public RespConnection[] All
    {
        get
        {
            var all = _clients.Values.ToArray();
            Array.Sort(all, (left, right) => left.Id.CompareTo(right.Id));
            return all;
        }
    }

    public RespConnection? Find(long id) => _clients.GetValueOrDefault(id);

    internal void Add(RespConnection client)
    {
        if (_clients.TryAdd(client.Id, client)) Interlocked.Increment(ref _count);
    }

    internal void Remove(RespConnection client)
    {
        if (_clients.TryRemove(client.Id, out _)) Interlocked.Decrement(ref _count);
    }
}
