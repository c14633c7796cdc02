// Stands for Orleans.Runtime.GrainTimer: arms a timer of the host's TimeProvider and sends its ticks through the activation's queue.
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed partial class GrainTimer : IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ITimer _timer;
    private readonly ILogger _logger;
    private TimeSpan _period;
    private bool _changedDuringTick;

    public GrainTimer(
        Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options, TimeProvider time, ILogger logger)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        _period = options.Period;
        _logger = logger;
        _timer = time.CreateTimer(static timer => ((GrainTimer)timer!).Due(), this, options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        _changedDuringTick = true;
        _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopped.Cancel();
        _activation.RemoveTimer(this);
    }

    private void Due()
    {
        if (!_stopped.IsCancellationRequested)
            _activation.Receive(new Tick(this));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A timer of grain {Grain} failed.")]
    private static partial void LogFailure(ILogger logger, GrainId grain, Exception exception);

    private async Task TickAsync()
    {
        if (_stopped.IsCancellationRequested)
            return;
        _changedDuringTick = false;
        try
        {
            await _callback(_stopped.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailure(_logger, _activation.GrainId, exception);
        }

        if (!_changedDuringTick && !_stopped.IsCancellationRequested)
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A tick takes its place in the queue like a call, but is dropped, not forwarded, when the activation goes.</summary>
    private sealed class Tick(GrainTimer timer) : Request
    {
        public override bool AlwaysInterleave => timer._options.Interleave;

        public override bool IsReadOnly => false;

        public override bool CountsAsUse => timer._options.KeepAlive;

        public override Task ExecuteAsync(Activation activation) => timer.TickAsync();

        public override void Reject(Exception exception)
        {
        }

        public override bool TryForward(LocalRuntime runtime, bool hasProgressed) => false;
    }
}
