using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace OrleansKv.Silo;

/// <summary>
/// When the server is to stop: SIGTERM, SIGINT, or the SHUTDOWN command. A second SIGINT ends the process at once, for who presses Ctrl-C
/// again means it. SIGHUP is ignored, so that a closed terminal does not end the server.
/// </summary>
internal sealed class ServerLifetime : IDisposable
{
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly ILogger _logger;

    public ServerLifetime(ILogger logger)
    {
        _logger = logger;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true));
    }

    /// <summary>Done when the server is to stop.</summary>
    public Task Stopping => _stopping.Task;

    public void RequestStop() => _stopping.TrySetResult();

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stopping.Task.IsCompleted && context.Signal == PosixSignal.SIGINT)
        {
            Log.Insisted(_logger);
            Environment.Exit(1);
        }

        Log.SignalReceived(_logger, context.Signal.ToString());
        RequestStop();
    }
}
