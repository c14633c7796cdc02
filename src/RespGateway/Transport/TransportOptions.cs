namespace OrleansKv.RespGateway.Transport;

/// <summary>How a loop talks to the operating system.</summary>
public enum TransportBackend
{
    /// <summary>Linux only: one epoll instance per loop, non-blocking system calls on the loop's own thread.</summary>
    Epoll,

    /// <summary>Every platform: System.Net.Sockets tells the loop's thread when a socket is ready.</summary>
    Sockets,
}

/// <summary>What a <see cref="TransportServer"/> is built from.</summary>
public sealed class TransportOptions
{
    /// <summary>Number of I/O loops, one thread each.</summary>
    public int LoopCount { get; init; } = Environment.ProcessorCount;

    public TransportBackend Backend { get; init; } = OperatingSystem.IsLinux() ? TransportBackend.Epoll : TransportBackend.Sockets;

    /// <summary>Idle seconds before TCP probes a silent peer (Redis's tcp-keepalive); 0 turns probing off.</summary>
    public int TcpKeepAliveSeconds { get; init; } = 300;

    /// <summary>Length of the kernel's queue of connections not yet accepted (Redis's tcp-backlog).</summary>
    public int Backlog { get; init; } = 511;

    /// <summary>
    /// Told of an exception that escaped from a handler, a posted callback or a timer, and of failing accepts. It runs on the loop
    /// where that happened; the connection concerned is closed, and the loop goes on.
    /// </summary>
    public Action<Exception>? OnError { get; init; }
}
