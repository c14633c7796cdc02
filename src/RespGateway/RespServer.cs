using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.RespGateway.Connections;
using OrleansKv.RespGateway.PubSub;
using OrleansKv.RespGateway.Server;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway;

/// <summary>The RESP gateway of a process: listeners, I/O loops and the clients on them, over a store.</summary>
public sealed class RespServer : IConnectionAcceptor, IDisposable
{
    private readonly TransportServer _transport;
    private readonly LoopState[] _loops;
    private long _lastClientId;
    private long _lastWatchId;
    private long _rejected;
    private long _evicted;
    private long _clientIdAtReset;

    /// <param name="store">The data; its command table holds <see cref="GatewayCommands"/>.</param>
    /// <param name="config">Addresses and limits.</param>
    /// <param name="onError">Told of exceptions that escape from a loop's work or the store's background, or from commands that waited.</param>
    public RespServer(Store store, ServerConfig config, Action<Exception>? onError = null)
    {
        Store = store;
        Config = config;
        PubSub = new PubSubHub(store);
        store.Events = PubSub;
        store.Subscribers = PubSub;
        store.WaitingClients = Waits;
        if (onError != null) store.OnError = onError;
        MemoryReport.Refresh(store, clientBytes: 0);
        StartBytes = MemoryReport.UsedBytes;
        Statistics = new ServerStatistics(store);
        StartedMs = store.Clock.NowMs;
        _transport = new TransportServer(new TransportOptions
        {
            LoopCount = config.IoThreads,
            Backlog = config.TcpBacklog,
            TcpKeepAliveSeconds = config.TcpKeepAliveSeconds,
            OnError = onError,
        });
        config.OnChange(ApplyKeepAlive, "tcp-keepalive");
        _loops = [.. _transport.Loops.Select(loop => new LoopState(loop, store.CreateWorker()))];
    }

    public Store Store { get; }

    public ServerConfig Config { get; }

    /// <summary>When the gateway was made, in milliseconds since the Unix epoch.</summary>
    public long StartedMs { get; }

    /// <summary>Used memory when the gateway was made, in bytes.</summary>
    public long StartBytes { get; }

    public ClientRegistry Clients { get; } = new();

    public ServerStatistics Statistics { get; }

    public PubSubHub PubSub { get; }

    /// <summary>A watch on other silos for a client that begins one.</summary>
    internal RemoteWatch CreateWatch() => new(Cluster!.Self, Interlocked.Increment(ref _lastWatchId));

    /// <summary>The clients that wait for keys of other silos.</summary>
    internal RemoteWaitTable Waits { get; } = new();

    /// <summary>The gateway's place in a cluster, set before <see cref="Start"/>; null for a silo alone.</summary>
    public ClusterLink? Cluster { get; set; }

    /// <summary>Whether clients are sent to the owners of slots: cluster-enabled, which needs a <see cref="Cluster"/>.</summary>
    internal bool IsClusterMode => Cluster != null && Config.ClusterEnabled;

    /// <summary>Whether commands go to the owners of their slots from here.</summary>
    internal bool IsProxyMode => Cluster is { Forwarder: not null } && !Config.ClusterEnabled;

    /// <summary>Whether there are gateways beside this one, whose clients publish and subscribe to the same channels.</summary>
    internal bool HasOtherGateways => PubSub.Relay is { HasOthers: true };

    /// <summary>CLIENT PAUSE.</summary>
    public PauseState Pause => Store.Pause;

    /// <summary>Connections accepted since the start or CONFIG RESETSTAT.</summary>
    public long ConnectionsReceived => Interlocked.Read(ref _lastClientId) - Interlocked.Read(ref _clientIdAtReset);

    /// <summary>Connections refused because of maxclients or protected-mode.</summary>
    public long ConnectionsRejected => Interlocked.Read(ref _rejected);

    /// <summary>Connections closed because of maxmemory-clients.</summary>
    public long ConnectionsEvicted => Interlocked.Read(ref _evicted);

    /// <summary>What the buffers of all clients take, in bytes; true within a tenth of a second.</summary>
    public long ClientBytes => SumBytes(_loops);

    /// <summary>What has passed through all loops.</summary>
    public IEnumerable<LoopTraffic> Traffic => _transport.Loops.Select(loop => loop.Traffic);

    /// <summary>40 random hexadecimal digits that name this run of the server.</summary>
    public string RunId { get; } = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20));

    /// <summary>Called once when SHUTDOWN asks for the end of the process.</summary>
    public Action? ShutdownRequested { get; set; }

    /// <summary>Told of what the server's log should have as a warning. Any thread.</summary>
    public Action<string>? Warned { get; set; }

    /// <summary>How the loops talk to the operating system.</summary>
    public TransportBackend Backend => _transport.Backend;

    /// <summary>Addresses that clients can reach, the first TCP one first: what INFO and the ready line tell.</summary>
    public IReadOnlyList<TransportListener> Listeners => _transport.Listeners;

    /// <summary>What each loop keeps for the connections on it.</summary>
    internal IReadOnlyList<LoopState> Loops => _loops;

    public TransportListener ListenTcp(string address, int port) => _transport.ListenTcp(address, port);

    public TransportListener ListenUnix(string path, int? permissions) => _transport.ListenUnix(path, permissions);

    /// <summary>Starts to accept clients.</summary>
    public void Start()
    {
        if (Config.ClusterEnabled && Cluster == null) throw new InvalidOperationException("Cluster mode needs a slot map.");
        if (Cluster is { Messenger: not null }) PubSub.Relay = new MessageRelay(Cluster, RunId, Store.Clock.Provider);
        PubSub.RelaysEvents = IsProxyMode;
        Store.ActiveExpiry.Start();
        _transport.Start(this);
        foreach (var loop in _loops) LoopCron.Start(this, loop);
    }

    /// <summary>Accepts no more clients; those that are here live on.</summary>
    public void StopAccepting() => _transport.StopAccepting();

    /// <summary>Closes listeners, clients and loops.</summary>
    public void Dispose()
    {
        _transport.Dispose();
        PubSub.Relay?.Dispose();
    }

    IConnectionHandler? IConnectionAcceptor.Accept(TransportConnection connection)
    {
        if (ProtectedMode.Refuses(Config, connection.RemoteAddress)) return Reject(connection, ProtectedMode.Refusal);
        if (!Clients.TryReserve(Config.MaxClients)) return Reject(connection, "-ERR max number of clients reached\r\n"u8);
        var client = new RespConnection(this, _loops[connection.Loop.Index], connection, Interlocked.Increment(ref _lastClientId));
        Clients.Add(client);
        return client;
    }

    private static long SumBytes(LoopState[] loops)
    {
        long sum = 0;
        foreach (var loop in loops) sum += loop.ClientBytes;
        return sum;
    }

    private RespConnection? Reject(TransportConnection connection, ReadOnlySpan<byte> reason)
    {
        Interlocked.Increment(ref _rejected);
        connection.Output.Append(reason);
        return null;
    }

    /// <summary>DEBUG SLEEP: no loop does anything for so long.</summary>
    internal void StallAllLoops(TimeSpan duration)
    {
        foreach (var loop in _loops)
            if (!loop.Loop.IsCurrent) loop.Loop.Post(() => Stall.For(duration));
        Stall.For(duration);
    }

    /// <summary>CONFIG RESETSTAT.</summary>
    internal void ResetStatistics()
    {
        Statistics.Reset();
        Interlocked.Exchange(ref _clientIdAtReset, Interlocked.Read(ref _lastClientId));
        Interlocked.Exchange(ref _rejected, 0);
        Interlocked.Exchange(ref _evicted, 0);
        foreach (var loop in _transport.Loops) loop.Post(loop.Traffic.Reset);
    }

    internal void CountEvicted(int clients) => Interlocked.Add(ref _evicted, clients);

    internal void Warn(string text) => Warned?.Invoke(text);

    internal void RequestShutdown() => ShutdownRequested?.Invoke();

    /// <summary>Ends CLIENT PAUSE: what it held back goes on.</summary>
    internal void Unpause()
    {
        Pause.End();
        foreach (var loop in _loops)
        {
            loop.Loop.Post(() =>
            {
                foreach (var client in loop.Clients.ToArray()) client.EndPause();
            });
        }
    }

    private string? ApplyKeepAlive()
    {
        _transport.TcpKeepAliveSeconds = Config.TcpKeepAliveSeconds;
        return null;
    }
}
