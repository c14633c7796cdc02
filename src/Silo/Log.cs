using Microsoft.Extensions.Logging;

namespace OrleansKv.Silo;

/// <summary>What the process reports about itself. Wording follows Redis where scripts may look for it.</summary>
internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Product} version={Version}, runtime={Runtime}, pid={ProcessId}, just started")]
    public static partial void Started(ILogger logger, string product, string version, string runtime, int processId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "No config file specified, using the default config. In order to specify a config file use {Executable} "
            + "/path/to/redis.conf")]
    public static partial void DefaultConfiguration(ILogger logger, string executable);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Text}")]
    public static partial void Warned(ILogger logger, string text);

    [LoggerMessage(Level = LogLevel.Information, Message = "Configuration loaded")]
    public static partial void ConfigurationLoaded(ILogger logger);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Product} {Version} ready: runtime {Runtime}, {Address}, data directory {Directory}")]
    public static partial void Ready(ILogger logger, string product, string version, string runtime, string address, string directory);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not create server TCP listening socket {Address}:{Port}: {Reason}")]
    public static partial void ListenFailed(ILogger logger, string address, int port, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Failed listening on port {Port} (tcp), aborting.")]
    public static partial void NoTcpListener(ILogger logger, int port);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Failed opening Unix socket {Path}: {Reason}")]
    public static partial void NoUnixListener(ILogger logger, string path, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Configured to not listen anywhere, exiting.")]
    public static partial void NowhereToListen(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "An I/O loop goes on after an error")]
    public static partial void LoopError(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Received {Signal} scheduling shutdown...")]
    public static partial void SignalReceived(ILogger logger, string signal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "You insist... exiting now.")]
    public static partial void Insisted(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "User requested shutdown...")]
    public static partial void ShuttingDown(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Product} is now ready to exit, bye bye...")]
    public static partial void Stopped(ILogger logger, string product);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The server could not start")]
    public static partial void StartFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Context} Clients are disconnected, and the process starts again as a new silo.")]
    public static partial void StartsAgain(ILogger logger, string context, Exception? exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Context} The process ends: {Reason}.")]
    public static partial void EndsDead(ILogger logger, string context, string reason, Exception? exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Failed to write PID file: {Reason}")]
    public static partial void PidFileFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removing the pid file.")]
    public static partial void RemovingPidFile(ILogger logger);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and TimeoutStopSec in "
            + "your service unit.")]
    public static partial void SupervisedBySystemd(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Supervised by upstart, will stop to signal readiness.")]
    public static partial void SupervisedByUpstart(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Supervision requested, but {Variable} not found!")]
    public static partial void SupervisorMissing(ILogger logger, string variable);

    [LoggerMessage(
        Level = LogLevel.Critical,
        Message = "Your current 'ulimit -n' of {Limit} is not enough for the server to start. Please increase your open file "
            + "limit to at least {Needed}. Exiting.")]
    public static partial void TooFewOpenFiles(ILogger logger, long limit, long needed);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "You requested maxclients of {Requested} requiring at least {Needed} max file descriptors. Current maximum "
            + "open files is {Limit}. maxclients has been reduced to {Reduced} to compensate for low ulimit. If you need "
            + "higher maxclients increase 'ulimit -n'.")]
    public static partial void MaxClientsReduced(ILogger logger, long requested, long needed, long limit, long reduced);
}
