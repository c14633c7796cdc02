using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Server;

/// <summary>
/// maxmemory-clients: where the buffers of all clients take more than that together, those that take most are closed.
/// </summary>
/// <remarks>Looked at ten times a second, not before each command as in Redis.</remarks>
internal static class ClientEviction
{
    public static void Run(RespServer server)
    {
        var limit = LimitBytes(server);
        if (limit == 0) return;
        var excess = server.ClientBytes - limit;
        if (excess <= 0) return;
        foreach (var client in server.Clients.All.Where(MayBeEvicted).OrderByDescending(client => client.MemoryBytes))
        {
            excess -= client.MemoryBytes;
            client.Kill();
            server.Statistics.EvictedClients++;
            if (excess <= 0) return;
        }
    }

    private static bool MayBeEvicted(RespConnection client) => !client.NoEvict && !client.IsKilled;

    // Below zero it is a percentage of maxmemory.
    private static long LimitBytes(RespServer server)
    {
        var limit = server.Config.MaxMemoryClients;
        return limit >= 0 ? limit : server.Config.MaxMemoryBytes / 100 * -limit;
    }
}
