using System.Net;
using System.Net.Sockets;

namespace OrleansKv.Silo.Tests;

/// <summary>TCP ports for tests.</summary>
internal static class Ports
{
    /// <summary>A port that nobody uses now.</summary>
    public static int Free()
    {
        using TcpListener taken = Taken(out int port);
        return port;
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
