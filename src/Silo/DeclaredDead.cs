using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansKv.Engine.Configuration;
using OrleansKv.Silo.Processes;

namespace OrleansKv.Silo;

/// <summary>
/// What a silo does when the cluster has declared it dead, or its membership fails for good: others own its slots now, so nothing that is
/// here may be served or acknowledged any more. The process starts anew, as another incarnation that owns nothing and copies what it is given.
/// </summary>
internal sealed class DeclaredDead(ServerConfig config, ServerLifetime lifetime, ProcessRestart restart, ILogger logger) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => exception is not ThreadInterruptedException;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        // One that is about to stop has nothing to come back for: what is left of the stop takes its course, in bounded time.
        if (lifetime.Stopping.IsCompleted)
            return;
        string what = context ?? "The silo has failed.";
        Log.StartsAgain(logger, what, exception);
        Log.EndsDead(logger, what, restart.Run(config), exception);
        Environment.Exit(1);
    }
}
