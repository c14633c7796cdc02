// Stands for the listening sockets and the gateway list of Orleans: the silos of this process, by where they would listen.
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

    public static void Remove(ILocalSiloDetails silo) => ByEndpoint.TryRemove(silo.SiloAddress.Endpoint, out _);

    public static LocalRuntime Find(string clusterId, int gatewayPort)
    {
        foreach (var (silo, runtime) in ByEndpoint.Values)
        {
            if (silo.ClusterId == clusterId && silo.GatewayAddress.Endpoint.Port == gatewayPort)
                return runtime;
        }

        throw new SiloUnavailableException($"Could not find any gateway of cluster '{clusterId}' at port {gatewayPort}.");
    }
}
