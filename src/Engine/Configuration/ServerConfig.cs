namespace OrleansKv.Engine.Configuration;

/// <summary>
/// The configuration of one server: a strongly typed property for every redis.conf parameter that takes effect here, initialised to its
/// default. Reading one is a plain field read, on any thread and on the hot path; a value changes between two reads only through CONFIG SET.
///
/// Text comes in through the rows of <see cref="ConfigParameters"/>, which parse, validate and print. A host that sets the properties itself
/// before it starts the server skips that validation. After the start only <see cref="ConfigEditor"/> changes values, because it
/// also runs the appliers registered with <see cref="OnChange"/>.
/// </summary>
public sealed class ServerConfig
{
    private readonly List<(string Name, Func<string?> Apply)> _appliers = [];

    // Process.

    /// <summary>The file that the configuration was read from, absolute, or null; what CONFIG REWRITE writes.</summary>
    public string? ConfigFile { get; set; }

    public bool Daemonize { get; set; }

    public SupervisedMode Supervised { get; set; }

    public string? PidFile { get; set; }

    /// <summary>Empty: standard output.</summary>
    public string LogFile { get; set; } = "";

    public LogVerbosity LogLevel { get; set; } = LogVerbosity.Notice;

    public bool SyslogEnabled { get; set; }

    public string SyslogIdent { get; set; } = "orleanskv";

    public SyslogFacility SyslogFacility { get; set; } = SyslogFacility.Local0;

    /// <summary>The data directory, absolute; every relative path of the configuration is below it.</summary>
    public string Directory { get; set; } = Environment.CurrentDirectory;

    public ProtectedAction EnableDebugCommand { get; set; }

    public ProtectedAction EnableProtectedConfigs { get; set; }

    public int Databases { get; set; } = 16;

    // Network.

    /// <summary>Addresses to listen on. One that starts with '-' may be missing on this machine; "*" and "::*" are all of a family.</summary>
    public string[] BindAddresses { get; set; } = ["127.0.0.1", "-::1"];

    /// <summary>0: no TCP listener.</summary>
    public int Port { get; set; } = 6379;

    public string? UnixSocket { get; set; }

    /// <summary>File mode bits of the Unix socket; 0 leaves what the umask gives.</summary>
    public int UnixSocketPermissions { get; set; }

    public bool ProtectedMode { get; set; } = true;

    public int TcpBacklog { get; set; } = 511;

    /// <summary>0: no keep-alive probes.</summary>
    public int TcpKeepAliveSeconds { get; set; } = 300;

    /// <summary>The number of I/O loops that connections are spread over.</summary>
    public int IoThreads { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 128);

    // Clients.

    /// <summary>The password of the default user, or null.</summary>
    public byte[]? RequirePass { get; set; }

    public long MaxClients { get; set; } = 10_000;

    /// <summary>Idle clients are closed after this; 0: never.</summary>
    public int TimeoutSeconds { get; set; }

    public long ProtoMaxBulkLengthBytes { get; set; } = 512L << 20;

    public long ClientQueryBufferLimitBytes { get; set; } = 1L << 30;

    /// <summary>The memory of all clients together; 0: no limit; below 0: that many percent of <see cref="MaxMemoryBytes"/>.</summary>
    public long MaxMemoryClients { get; set; }

    public OutputBufferLimit NormalOutputBufferLimit { get; set; }

    public OutputBufferLimit ReplicaOutputBufferLimit { get; set; } = new(256L << 20, 64L << 20, 60);

    public OutputBufferLimit PubSubOutputBufferLimit { get; set; } = new(32L << 20, 8L << 20, 60);

    public KeyspaceEventClasses KeyspaceEvents { get; set; }

    // Cluster.

    /// <summary>Clients are sent to the owner of a slot; otherwise every gateway serves the whole keyspace.</summary>
    public bool ClusterEnabled { get; set; }

    /// <summary>The directory through which the silos of a cluster find each other; null for a silo alone.</summary>
    public string? ClusterDirectory { get; set; }

    public ServerRole Role { get; set; }

    /// <summary>A file with Orleans's configuration, for silos that find each other through one of its providers; null otherwise.</summary>
    public string? ClusterOrleansConfig { get; set; }

    /// <summary>Whether the server is in a cluster, or about to be.</summary>
    public bool IsInCluster => ClusterDirectory is not null || ClusterOrleansConfig is not null;

    /// <summary>Silos that a new cluster waits for before its slots are assigned.</summary>
    public int ClusterInitialSilos { get; set; } = 1;

    /// <summary>A new node gets slots by itself; otherwise operators tell what it is to do, and whom it is in a cluster with.</summary>
    public bool ClusterAutoAssign { get; set; } = true;

    /// <summary>The port on which silos talk to each other; 0 for 10000 above the clients'.</summary>
    public int ClusterPort { get; set; }

    /// <summary>The port on which Orleans clients are let in, without authentication; 0 for none.</summary>
    public int ClusterClientPort { get; set; }

    /// <summary>The file, in the data directory, that holds the node's id.</summary>
    public string ClusterConfigFile { get; set; } = "nodes.conf";

    public string ClusterZone { get; set; } = "";

    /// <summary>Address that clients are told; null: the one that the server listens on.</summary>
    public string? ClusterAnnounceIp { get; set; }

    /// <summary>Port that clients are told; 0: the one that the server listens on.</summary>
    public int ClusterAnnouncePort { get; set; }

    public string ClusterAnnounceHostName { get; set; } = "";

    public ClusterEndpointType ClusterPreferredEndpointType { get; set; }

    /// <summary>How long a command waits for its slot to have an owner that serves it.</summary>
    public int ClusterNodeTimeoutMs { get; set; } = 15_000;

    public bool ClusterRequireFullCoverage { get; set; } = true;

    public bool ClusterAllowReadsWhenDown { get; set; }

    public bool ClusterAllowPubSubShardWhenDown { get; set; } = true;

    /// <summary>Copies that each silo keeps on others.</summary>
    public int ClusterReplicas { get; set; } = 1;

    /// <summary>How long a silo serves all of its slots between two groups that it hands over.</summary>
    public int ClusterMigrationPauseMs { get; set; } = 20;

    /// <summary>Replies wait for the replicas in sync.</summary>
    public bool ClusterSynchronousReplication { get; set; } = true;

    /// <summary>What the journal keeps. More than Redis's 1 MiB, since several windows to replicas have to fit.</summary>
    public long ReplBacklogBytes { get; set; } = 64L << 20;

    // Replication.

    /// <summary>Writes are refused while fewer replicas have answered within <see cref="MinReplicasMaxLagSeconds"/>; 0: never.</summary>
    public int MinReplicasToWrite { get; set; }

    /// <summary>0: writes are never refused for want of replicas.</summary>
    public int MinReplicasMaxLagSeconds { get; set; } = 10;

    // Memory and expiry.

    /// <summary>0: no limit.</summary>
    public long MaxMemoryBytes { get; set; }

    public MaxMemoryPolicy MaxMemoryPolicy { get; set; }

    public int MaxMemorySamples { get; set; } = 5;

    public int LfuLogFactor { get; set; } = 10;

    public int LfuDecayTimeMinutes { get; set; } = 1;

    public int ActiveExpireEffort { get; set; } = 1;

    /// <summary>Background work is done this many times a second, 1 to 500.</summary>
    public int Hz { get; set; } = 10;

    public bool LazyFreeEviction { get; set; }

    public bool LazyFreeExpire { get; set; }

    public bool LazyFreeServerDel { get; set; }

    public bool LazyFreeUserDel { get; set; }

    public bool LazyFreeUserFlush { get; set; }

    // Compact encodings.

    public long HashMaxListpackEntries { get; set; } = 512;

    public long HashMaxListpackValueBytes { get; set; } = 64;

    /// <summary>Above 0: entries per node; -1 to -5: 4, 8, 16, 32, 64 KiB per node.</summary>
    public int ListMaxListpackSize { get; set; } = -2;

    /// <summary>Nodes at either end of a list that stay uncompressed; 0: none is compressed.</summary>
    public int ListCompressDepth { get; set; }

    public long SetMaxIntsetEntries { get; set; } = 512;

    public long SetMaxListpackEntries { get; set; } = 128;

    public long SetMaxListpackValueBytes { get; set; } = 64;

    public long SortedSetMaxListpackEntries { get; set; } = 128;

    public long SortedSetMaxListpackValueBytes { get; set; } = 64;

    /// <summary>Held by whoever changes or prints several parameters.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>
    /// Registers what makes a change of the named parameters take effect. It runs on the thread of CONFIG SET, after all values of the command
    /// are set, once however many of its parameters changed. A text that it returns is the reason why it cannot: all values are put back, and
    /// the appliers run again.
    /// </summary>
    public void OnChange(Func<string?> apply, params ReadOnlySpan<string> names)
    {
        lock (Gate)
        {
            foreach (string name in names)
                _appliers.Add((ConfigParameters.Get(name).Name, apply));
        }
    }

    /// <summary>A path of the configuration, made absolute.</summary>
    public string ResolvePath(string path) => Path.GetFullPath(path, Directory);

    /// <summary>Whether a client may do what the setting guards.</summary>
    public static bool IsAllowed(ProtectedAction setting, bool isLocalClient) =>
        setting == ProtectedAction.Yes || (setting == ProtectedAction.Local && isLocalClient);

    internal IEnumerable<Func<string?>> AppliersOf(string name)
    {
        foreach ((string applierName, Func<string?> apply) in _appliers)
        {
            if (applierName == name)
                yield return apply;
        }
    }
}
