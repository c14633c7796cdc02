using System.Net;
using System.Net.Sockets;
using System.Text;
using Orleans.Runtime;

namespace OrleansKv.Grains.Membership;

/// <summary>A connection to the process of a silo that ends when the process does. The watcher's side; see <see cref="DeathWatch"/>.</summary>
internal sealed class Lifeline(SiloAddress silo, IPEndPoint endpoint, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    /// <summary>So that a process which takes and drops connections at once is not asked in a tight loop.</summary>
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromMilliseconds(100);

    /// <summary>A process that is just ending may still take a connection and drop it; one that goes on like that proves nothing.</summary>
    private const int UnclearLimit = 5;

    /// <summary>How a look at the process came out.</summary>
    private enum Sign
    {
        Lives,
        Dead,
        Unclear,
    }

    /// <summary>
    /// Holds the line until it is proven that the process has ended (true), or nothing more can be said (false). Proof is that a line which was held
    /// is gone and the port refuses another, or another incarnation answers there.
    /// </summary>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        bool wasHeld = false;
        for (int unclear = 0; unclear < UnclearLimit;)
        {
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            Sign sign = await ConnectAsync(socket, cancellationToken);
            if (sign == Sign.Dead || !wasHeld && sign == Sign.Unclear)
                return wasHeld;
            if (wasHeld)
                await WaitAsync(BetweenConnections, cancellationToken);
            unclear = sign == Sign.Lives ? 0 : unclear + 1;
            if (sign != Sign.Lives)
                continue;
            wasHeld = true;
            await EndAsync(socket, cancellationToken);
        }

        return false;
    }

    private async Task<Sign> ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(endpoint, either.Token);
            string greeting = await ReadLineAsync(socket, either.Token);
            if (greeting.Length == 0)
                return Sign.Unclear;
            return greeting == LifelineListener.Greeting(silo) ? Sign.Lives : Sign.Dead;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused ? Sign.Dead : Sign.Unclear;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A process that is stopped, or a machine that is gone: that is for probes to decide.
            return Sign.Unclear;
        }
    }

    /// <summary>Empty if it does not come whole, or is longer than any greeting.</summary>
    private static async Task<string> ReadLineAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[128];
        int length = 0;
        while (length < buffer.Length)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                return "";
            length += read;
            if (buffer[length - 1] == (byte)'\n')
                return Encoding.ASCII.GetString(buffer, 0, length);
        }

        return "";
    }

    private static async Task EndAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ReceiveAsync(new byte[1], cancellationToken);
        }
        catch (SocketException)
        {
            // A reset is an end like another.
        }
    }

    private async Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(duration, time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
