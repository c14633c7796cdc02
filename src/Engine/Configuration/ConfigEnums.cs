namespace OrleansKv.Engine.Configuration;

/// <summary><c>loglevel</c>: a line is written if its level is at least this.</summary>
public enum LogVerbosity
{
    Debug,
    Verbose,
    Notice,
    Warning,
    Nothing,
}

/// <summary><c>supervised</c>: who started the process and wants to hear that it is ready.</summary>
public enum SupervisedMode
{
    No,

    /// <summary>Stop with SIGSTOP when ready, if UPSTART_JOB says who listens.</summary>
    Upstart,

    /// <summary>Tell the socket named by NOTIFY_SOCKET.</summary>
    Systemd,

    /// <summary>Whichever of the two the environment names.</summary>
    Auto,
}

/// <summary>Who may do what <c>enable-debug-command</c> and <c>enable-protected-configs</c> guard.</summary>
public enum ProtectedAction
{
    No,
    Yes,

    /// <summary>Only clients on a loopback address or a Unix socket.</summary>
    Local,
}

/// <summary><c>role</c>: what a server does in its cluster.</summary>
public enum ServerRole
{
    /// <summary>It owns slots, and lets clients in.</summary>
    Silo,

    /// <summary>It lets clients in and sends their commands to the silos; it keeps no data.</summary>
    Gateway,
}

/// <summary><c>cluster-preferred-endpoint-type</c>: what a redirected client is told of a node.</summary>
public enum ClusterEndpointType
{
    Ip,
    HostName,

    /// <summary>Nothing: the client stays with the address that it knows, and changes the port.</summary>
    Unknown,
}

/// <summary><c>maxmemory-policy</c>: what to remove when memory is short.</summary>
public enum MaxMemoryPolicy
{
    NoEviction,
    VolatileLru,
    VolatileLfu,
    VolatileRandom,
    VolatileTtl,
    AllKeysLru,
    AllKeysLfu,
    AllKeysRandom,
}

/// <summary><c>syslog-facility</c>, with syslog(3)'s codes.</summary>
public enum SyslogFacility
{
    User = 1 << 3,
    Local0 = 16 << 3,
    Local1 = 17 << 3,
    Local2 = 18 << 3,
    Local3 = 19 << 3,
    Local4 = 20 << 3,
    Local5 = 21 << 3,
    Local6 = 22 << 3,
    Local7 = 23 << 3,
}

/// <summary>
/// One class of <c>client-output-buffer-limit</c>: a client is closed when its unsent output passes the hard limit, or stays over the soft
/// limit for so many seconds. 0 bytes is no limit.
/// </summary>
public readonly record struct OutputBufferLimit(long HardLimitBytes, long SoftLimitBytes, long SoftLimitSeconds);
