using System.Globalization;
using Microsoft.Extensions.Logging;

namespace OrleansKv.Silo.Processes;

/// <summary>The file that holds the process id while the server runs. Failing to write it is reported and not fatal, as in Redis.</summary>
internal sealed class PidFile(string path, ILogger logger)
{
    /// <summary>Where a background server without <c>pidfile</c> puts it.</summary>
    public const string DefaultPath = "/var/run/orleanskv.pid";

    public void Write()
    {
        try
        {
            File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.PidFileFailed(logger, e.Message);
        }
    }

    public void Remove()
    {
        Log.RemovingPidFile(logger);
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.PidFileFailed(logger, e.Message);
        }
    }
}
