namespace OrleansKv.RespGateway.Transport.Sockets;

/// <summary>
/// A loop for every platform. The system tells thread-pool threads that a socket is ready; they post to the loop, which does all the
/// work on its own thread, so that handlers see the same world as under epoll.
/// </summary>
internal sealed class SocketLoop(int index, Action<Exception>? onError) : IoLoop(index, onError)
{
    private readonly HashSet<SocketConnection> _connections = [];
    private readonly AutoResetEvent _wake = new(false);

    public void Forget(SocketConnection connection) => _connections.Remove(connection);

    internal override void Adopt(AcceptedSocket socket, IConnectionAcceptor acceptor) => Post(() =>
    {
        var connection = new SocketConnection(this, socket);
        _connections.Add(connection);
        connection.Open(acceptor);
    });

    private protected override void SleepAndServe(int timeoutMs)
    {
        if (timeoutMs != 0)
            _wake.WaitOne(timeoutMs);
        EndSleep();
    }

    private protected override void Wake() => _wake.Set();

    private protected override void CloseConnections()
    {
        foreach (SocketConnection connection in _connections)
            connection.Close();
    }

    // The event stays: late completions of closed sockets may still set it.
    private protected override void ReleaseResources()
    {
    }
}
