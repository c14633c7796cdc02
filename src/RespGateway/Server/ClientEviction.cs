using OrleansKv.Engine.Configuration;

namespace OrleansKv.RespGateway.Server;

/// <summary>Redis's maxmemory-clients: when the clients' buffers together take too much, those that take most are closed.</summary>
internal static class ClientEviction
{
    /// <summary>A limit below this would leave no client that could raise it.</summary>
    private const long LeastLimitBytes = 128 * 1024;

    /// <summary>What all clients may take; <see cref="long.MaxValue"/> for no limit.</summary>
    public static long LimitBytes(ServerConfig config)
    {
        var limit = config.MaxMemoryClients;
        if (limit == 0 || (limit < 0 && config.MaxMemoryBytes == 0)) return long.MaxValue;
        if (limit < 0) limit = (long)(config.MaxMemoryBytes * (-limit / 100.0));
        return Math.Max(limit, LeastLimitBytes);
    }

    /// <summary>Closes what must be closed, and gives how many clients that were. CLIENT NO-EVICT spares a client. One thread.</summary>
    public static int Run(RespServer server)
    {
        var limitBytes = LimitBytes(server.Config);
        if (limitBytes == long.MaxValue) return 0;
        var clients = Array.ConvertAll(server.Clients.All, client => (Client: client, Bytes: client.IsKilled ? 0 : client.MemoryBytes));
        var totalBytes = clients.Sum(client => client.Bytes);
        if (totalBytes < limitBytes) return 0;

        var evicted = 0;
        Array.Sort(clients, (left, right) => right.Bytes.CompareTo(left.Bytes));
        foreach (var (client, bytes) in clients)
        {
            if (totalBytes < limitBytes) break;
            if (client.NoEvict || bytes == 0) continue;
            client.Kill();
            totalBytes -= bytes;
            evicted++;
        }

        return evicted;
    }
}
