using System.Collections.Concurrent;
using System.Net;

namespace OrleansKv.Drill.Client;

/// <summary>On which address a node's port is. No two nodes have the same port, so that this is all there is to a node's name.</summary>
internal static class Endpoints
{
    private static readonly ConcurrentDictionary<int, IPAddress> Hosts = new();

    /// <summary>Loopback, unless it was said to be another.</summary>
    public static IPAddress HostOf(int port) => Hosts.GetValueOrDefault(port, IPAddress.Loopback);

    public static void Set(int port, IPAddress host) => Hosts[port] = host;
}
