using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace OrleansKv.Silo.Tests;

/// <summary>TCP ports for tests.</summary>
internal static class Ports
{
    private static readonly HashSet<int> Given = [];

    /// <summary>Where a server is not told its cluster-port, it takes the one so far above that of its clients.</summary>
    private const int ClusterPortOffset = 10_000;

    /// <summary>A port that nobody uses now, of those that no outgoing connection gets, as the cluster port that goes with it: both are still free
    /// when a server starts on them.</summary>
    public static int Free()
    {
        lock (Given)
        {
            while (true)
            {
                int port = RandomNumberGenerator.GetInt32(12_000, 22_000);
                if (IsFree(port) && IsFree(port + ClusterPortOffset) && Given.Add(port)) return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A port that is in use until the listener is disposed.</summary>
    public static TcpListener Taken(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}
