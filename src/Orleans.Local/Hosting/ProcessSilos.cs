// Stands for nothing in Orleans: the silos of this process, by where they listen, so that clients beside them need no socket.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal static class ProcessSilos
{
    private static readonly ConcurrentDictionary<IPEndPoint, (ILocalSiloDetails Silo, LocalRuntime Runtime)> ByEndpoint = new();

    public static void Add(ILocalSiloDetails silo, LocalRuntime runtime)
    {
        if (!ByEndpoint.TryAdd(silo.SiloAddress.Endpoint, (silo, runtime)))
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    public static void Remove(ILocalSiloDetails silo)
    {
        if (ByEndpoint.TryGetValue(silo.SiloAddress.Endpoint, out var entry) && entry.Silo == silo)
            ByEndpoint.TryRemove(silo.SiloAddress.Endpoint, out _);
    }

    /// <summary>A silo of this process that has one of the gateways.</summary>
    public static LocalRuntime? Find(string clusterId, IPEndPoint[] gateways)
    {
        foreach (var (silo, runtime) in ByEndpoint.Values)
        {
            if (silo.ClusterId == clusterId && gateways.Contains(silo.GatewayAddress.Endpoint))
                return runtime;
        }

        return null;
    }
}
