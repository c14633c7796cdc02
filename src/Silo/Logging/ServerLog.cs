using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo.Logging;

/// <summary>
/// Where all log lines of the process go: standard output or <c>logfile</c>, and the system log if asked. The level is read anew for each
/// line, so that CONFIG SET loglevel takes effect at once. The file is opened anew for each line, as in Redis, so that a rotated log needs no
/// signal; log lines are few.
/// </summary>
internal sealed class ServerLog(ServerConfig config, TimeProvider time, Stream? standardOutput) : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly string? _file = config.LogFile.Length == 0 ? null : config.ResolvePath(config.LogFile);
    private readonly SystemLog? _systemLog = config.SyslogEnabled ? new SystemLog(config.SyslogIdent, config.SyslogFacility) : null;

    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this, IsFramework(categoryName));

    public void Dispose() => _systemLog?.Dispose();

    /// <summary>What the libraries below report at a level counts one level less here: their news is not the operator's news.</summary>
    private static bool IsFramework(string category) =>
        category == "Polly" || category.StartsWith("Microsoft.", StringComparison.Ordinal) || category.StartsWith("Orleans.", StringComparison.Ordinal);

    private void Write(LogVerbosity verbosity, string message)
    {
        byte[] line = LogLine.Format(time.GetLocalNow(), verbosity, message);
        lock (_gate)
        {
            try
            {
                if (_file is not null)
                {
                    using var stream = new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                    stream.Write(line);
                }
                else
                {
                    standardOutput?.Write(line);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk or a closed terminal must not stop the server, and there is nowhere left to report it.
            }

            _systemLog?.Write(verbosity, message);
        }
    }

    private sealed class CategoryLogger(ServerLog log, bool isFramework) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel)
        {
            LogVerbosity verbosity = Rank(logLevel);
            return verbosity != LogVerbosity.Nothing && verbosity >= log.Configuration.LogLevel;
        }

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            string message = formatter(state, exception);
            log.Write(Rank(logLevel), exception is null ? message : $"{message}: {exception}");
        }

        private LogVerbosity Rank(LogLevel level)
        {
            LogVerbosity verbosity = LogLine.VerbosityOf(level);
            return isFramework && verbosity == LogVerbosity.Notice ? LogVerbosity.Verbose : verbosity;
        }
    }

    private ServerConfig Configuration => config;
}
