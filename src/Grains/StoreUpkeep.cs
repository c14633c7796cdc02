using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Engine.Execution;

namespace OrleansKv.Grains;

/// <summary>
/// What the store of a silo without a gateway needs now and then, from the silo's start to its end: keys that nobody asks for expire, memory
/// figures are brought up to date, and evictions that no command goes on with go on.
/// </summary>
internal sealed partial class StoreUpkeep : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly Store _store;
    private readonly Worker _worker;
    private readonly ITimer _timer;
    private readonly Lock _turn = new();
    private bool _isDisposed;

    public StoreUpkeep(Store store, ILogger<StoreUpkeep> logger)
    {
        _store = store;
        _worker = store.CreateWorker();
        _timer = store.Clock.CreateTimer(OnTimer);
        store.OnError = error => LogError(logger, error);
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(StoreUpkeep), ServiceLifecycleStage.ApplicationServices, Start);

    /// <summary>Ends the upkeep; a turn that is under way ends first.</summary>
    public void Dispose()
    {
        lock (_turn) _isDisposed = true;
        _timer.Dispose();
    }

    private Task Start(CancellationToken cancellationToken)
    {
        _store.ActiveExpiry.Start();
        _timer.Change(Period, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    private void OnTimer()
    {
        lock (_turn)
        {
            if (_isDisposed) return;
            MemoryReport.Refresh(_store, clientBytes: 0);
            _worker.RefreshClock();
            _store.Evictor.TryEvict(_worker);
            _timer.Change(Period, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A command that waited has failed")]
    private static partial void LogError(ILogger logger, Exception exception);
}
