// Stands for Orleans.Runtime.FatalErrorHandler.
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>Ends the process, unless the host has registered another way to go.</summary>
internal sealed partial class FatalErrorHandler(ILogger<FatalErrorHandler> logger) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => exception is not ThreadInterruptedException;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        LogFatal(logger, sender, context, exception);
        Environment.FailFast($"Fatal error from {sender}. {context}", exception);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "Fatal error from {Sender}. {Context}")]
    private static partial void LogFatal(ILogger logger, object? sender, string? context, Exception? exception);
}
