namespace OrleansKv.RespGateway.Transport;

/// <summary>What a connection's owner is told. Every call comes on the connection's loop, and none overlaps another.</summary>
public interface IConnectionHandler
{
    /// <summary>
    /// Bytes were added to <see cref="TransportConnection.Input"/>. What is not consumed stays there; the memory may move once this call
    /// returns. What was written to <see cref="TransportConnection.Output"/> is flushed after the return.
    /// </summary>
    void OnData();

    /// <summary>Output that a flush had to leave behind has now gone to the socket completely.</summary>
    void OnDrained();

    /// <summary>
    /// The peer sends nothing more. True where replies to what it has sent are still to come: then the handler closes the connection when they have
    /// gone out; otherwise it is closed now.
    /// </summary>
    bool OnEnd() => false;

    /// <summary>The connection is gone: called exactly once, and nothing is called after it. Input and Output are released on return.</summary>
    void OnClosed();
}

/// <summary>Decides about each new connection.</summary>
public interface IConnectionAcceptor
{
    /// <summary>
    /// Called on the loop that will own <paramref name="connection"/>. Null refuses it: it is closed once what was written to its output
    /// is flushed, and no handler hears of it.
    /// </summary>
    IConnectionHandler? Accept(TransportConnection connection);
}
