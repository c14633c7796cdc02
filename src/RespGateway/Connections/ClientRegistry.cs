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

    /// <summary>Takes a place for one more client, unless there are <paramref name="limit"/> already.</summary>
    internal bool TryReserve(long limit)
    {
        if (Interlocked.Increment(ref _count) <= limit) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Puts a client in the place that was taken for it.</summary>
    internal void Add(RespConnection client) => _clients[client.Id] = client;

    internal void Remove(RespConnection client)
    {
        if (_clients.TryRemove(client.Id, out _)) Interlocked.Decrement(ref _count);
    }
}
