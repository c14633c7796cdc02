using System.Net;
using System.Net.Sockets;
using System.Text;
using Orleans.Runtime;

namespace OrleansKv.Grains.Membership;

/// <summary>
/// The end of the lifelines in the process that is watched (see <see cref="DeathWatch"/>): it accepts, says whose process it is, and holds. The
/// kernel does the rest: it keeps the connections while the process lives, however busy or stopped it is, and resets them when it ends.
/// Open until the silo's services are disposed of, so that a silo which stops in order is never taken for a dead one.
/// </summary>
public sealed class LifelineListener : IDisposable
{
    /// <summary>One is needed for each other silo; whoever comes on top is turned away.</summary>
    private const int MaxConnections = 1024;

    private readonly byte[] _greeting;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private int _connections;

    /// <summary>Listens on a free port of the silo's IP address.</summary>
    public LifelineListener(SiloAddress silo)
    {
        _greeting = Encoding.ASCII.GetBytes(Greeting(silo));
        _listener = new(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(silo.Endpoint.Address, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    /// <summary>What the process of a silo's incarnation says on a new lifeline.</summary>
    internal static string Greeting(SiloAddress silo) => silo.ToParsableString() + "\n";

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket connection = await _listener.AcceptAsync(_stop.Token);
                _ = HoldAsync(connection);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The silo has ended. Otherwise the watchers find a closed port in a process that answers probes; then it is no silo either.
        }
    }

    private async Task HoldAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                if (Interlocked.Increment(ref _connections) <= MaxConnections)
                {
                    await connection.SendAsync(_greeting, _stop.Token);

                    // Nothing is ever sent to here: this ends when the watcher does.
                    await connection.ReceiveAsync(new byte[1], _stop.Token);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
            }
            finally
            {
                Interlocked.Decrement(ref _connections);
            }
        }
    }
}
