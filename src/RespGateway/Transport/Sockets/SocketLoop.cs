using System.Net.Sockets;

namespace OrleansKv.RespGateway.Transport.Sockets;

/// <summary>
/// A loop for every platform. The system tells thread-pool threads that a socket is ready; they post to the loop, which does all the
/// work on its own thread, so that handlers see the same world as under epoll.
/// </summary>
internal sealed class SocketLoop(int index, Action<Exception>? onError) : IoLoop(index, onError)
{
    private readonly AutoResetEvent _wake = new(false);

    internal override void Adopt(AcceptedSocket socket, IConnectionAcceptor acceptor) => Post(() => Open(socket, acceptor));

    private protected override void SleepAndServe(int timeoutMs)
    {
        if (timeoutMs != 0)
            _wake.WaitOne(timeoutMs);
        EndSleep();
    }

    private protected override void Wake() => _wake.Set();

    // Accepting is asynchronous and not the loop's; the server closes the listeners before it stops the loops.
    private protected override void CloseListeners()
    {
    }

    // The event stays: late completions of closed sockets may still set it.
    private protected override void ReleaseResources()
    {
    }

    private void Open(AcceptedSocket socket, IConnectionAcceptor acceptor)
    {
        SocketConnection connection;
        try
        {
            connection = new SocketConnection(this, socket);
        }
        catch (SocketException error)
        {
            ReportError(error);
            socket.Socket!.Dispose();
            Unreserve();
            return;
        }
        connection.Open(acceptor);
    }
}
