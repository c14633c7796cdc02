using System.Net;
using System.Net.Sockets;

namespace OrleansKv.Drill.Servers;

/// <summary>
/// Picks ports that nobody uses, with those that servers derive from them: Redis Cluster's bus is 10000 above, silos are 10000 and 20000
/// above. All lie below the range from which the system gives ports to outgoing connections.
/// </summary>
internal static class Ports
{
    private const int First = 7100;
    private const int Last = 12700;
    private const int Tries = 10_000;

    private static readonly int[] Offsets = [0, 10_000, 20_000];

    public static int[] Pick(int count, Random random)
    {
        var picked = new HashSet<int>();
        for (int i = 0; i < Tries && picked.Count < count; i++)
        {
            int port = random.Next(First, Last);
            if (Offsets.All(offset => IsFree(port + offset)))
                picked.Add(port);
        }
        return picked.Count == count ? [.. picked] : throw new InvalidOperationException("no free ports");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
