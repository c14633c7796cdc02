using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo.Processes;

/// <summary>
/// Each client takes a file descriptor, so <c>maxclients</c> can be no more than the process may open. The runtime has already raised the
/// soft limit to the hard one.
/// </summary>
internal sealed class OpenFileLimit(long limit)
{
    /// <summary>Descriptors that the server needs for itself: listeners, loops, files, and the runtime's two for each assembly.</summary>
    public const int Reserved = 256;

    /// <summary>Clients that fit.</summary>
    public long MaxClients => limit - Reserved;

    public static OpenFileLimit OfProcess()
    {
        if (OperatingSystem.IsWindows()
            || NativeMethods.GetResourceLimit(NativeMethods.OpenFilesResource, out NativeMethods.ResourceLimit resource) != 0)
        {
            return new OpenFileLimit(long.MaxValue);
        }

        return new OpenFileLimit((long)Math.Min(resource.Soft, long.MaxValue));
    }

    /// <summary>Lowers <c>maxclients</c> to what fits, at the start. False if not even one client does.</summary>
    public bool Fit(ServerConfig config, ILogger logger)
    {
        if (config.MaxClients <= MaxClients)
            return true;
        if (MaxClients <= 0)
        {
            Log.TooFewOpenFiles(logger, limit, config.MaxClients + Reserved);
            return false;
        }

        Log.MaxClientsReduced(logger, config.MaxClients, config.MaxClients + Reserved, limit, MaxClients);
        config.MaxClients = MaxClients;
        return true;
    }

    /// <summary>Refuses a CONFIG SET that does not fit.</summary>
    public string? Check(ServerConfig config) => config.MaxClients <= MaxClients
        ? null
        : $"The operating system is not able to handle the specified number of clients, try with {MaxClients}";
}
