using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo.Logging;

/// <summary>
/// The log's line format, which is Redis's so that the same tools read it: process id, role (M: serves its own data), local time, a mark
/// for the level (. debug, - verbose, * notice, # warning), message.
/// </summary>
internal static class LogLine
{
    /// <summary>The framework has more levels than Redis; what Redis calls verbose and notice are its debug and information.</summary>
    public static LogVerbosity VerbosityOf(LogLevel level) => level switch
    {
        LogLevel.Trace => LogVerbosity.Debug,
        LogLevel.Debug => LogVerbosity.Verbose,
        LogLevel.Information => LogVerbosity.Notice,
        LogLevel.None => LogVerbosity.Nothing,
        _ => LogVerbosity.Warning,
    };

    public static byte[] Format(DateTimeOffset localTime, LogVerbosity verbosity, string message)
    {
        char mark = verbosity switch
        {
            LogVerbosity.Debug => '.',
            LogVerbosity.Verbose => '-',
            LogVerbosity.Notice => '*',
            _ => '#',
        };
        string line = string.Create(
            CultureInfo.InvariantCulture, $"{Environment.ProcessId}:M {localTime:dd MMM yyyy HH:mm:ss.fff} {mark} {message}\n");
        return Encoding.UTF8.GetBytes(line);
    }
}
