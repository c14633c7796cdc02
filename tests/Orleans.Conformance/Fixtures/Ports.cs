using System.Net;
using System.Net.Sockets;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Ports that nobody listens on: below the range that the system takes ports of outgoing connections from.</summary>
public static class Ports
{
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int s_last = Environment.ProcessId * 40;

    public static int Next()
    {
        while (true)
        {
            int port = First + (Interlocked.Increment(ref s_last) % Count);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's; the next one then.
            }
        }
    }
}
