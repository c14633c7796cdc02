// Stands for Orleans.Runtime.ActivationData.
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// One instance of a grain, from its placement to its end: Creating → Valid → Deactivating → Gone. Requests wait in one queue;
/// a request begins when it may interleave with those that run. Once deactivation is asked for nothing more begins: when the
/// running requests are done the grain is deactivated, and those that still wait are sent on to the next activation.
/// </summary>
internal sealed partial class Activation : IGrainContext
{
    private readonly Lock _gate = new();
    private readonly List<Request> _waiting = [];
    private readonly List<Request> _running = [];
    private readonly List<GrainTimer> _timers = [];
    private readonly LifecycleSubject _lifecycle = new();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivationScheduler _scheduler;
    private readonly LocalRuntime _runtime;
    private readonly GrainClass _grainClass;
    private readonly bool _isTwin;
    private AsyncServiceScope _scope;
    private State _state;
    private DeactivationReason? _deactivation;
    private long _lastUsed;
    private bool _hasProgressed;
    private GrainReference? _reference;

    /// <param name="isTwin">Whether the directory is not to know of it.</param>
    public Activation(LocalRuntime runtime, GrainClass grainClass, GrainId grainId, bool isTwin)
    {
        _isTwin = isTwin;
        _runtime = runtime;
        _grainClass = grainClass;
        GrainId = grainId;
        _scheduler = new(this);
        _lastUsed = runtime.Time.GetTimestamp();
    }

    private enum State
    {
        Creating,
        Valid,
        Deactivating,
        Gone,
    }

    public GrainId GrainId { get; }

    public Guid ActivationId { get; } = Guid.NewGuid();

    public Registration Registration => new(GrainId, _runtime.Silo, ActivationId);

    public GrainReference GrainReference => _reference ??= GrainReference.Create(_runtime, GrainId, typeof(IAddressable));

    public bool IsOfRuntime => _grainClass.IsOfRuntime;

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => _lifecycle;

    public Task Deactivated => _gone.Task;

    private GrainCollectionOptions Options => _runtime.CollectionOptions;

    public void Start()
    {
        _scope = _runtime.Services.CreateAsyncScope();
        _scheduler.Run(ActivateAsync);
    }

    public void Receive(Request request)
    {
        lock (_gate)
        {
            if (_state != State.Gone)
            {
                _waiting.Add(request);
                BeginWhatMay();
                return;
            }
        }

        request.TryForward(_runtime, _hasProgressed);
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _deactivation ??= deactivationReason;
            BeginWhatMay();
        }
    }

    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        lock (_gate)
        {
            var timer = new GrainTimer(this, callback, options, _runtime.Time, _runtime.Logger);
            _timers.Add(timer);
            return timer;
        }
    }

    public void RemoveTimer(GrainTimer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    /// <summary>Asks for deactivation if the activation has been idle for as long as its class allows.</summary>
    public void CollectIfIdle()
    {
        if (_grainClass.KeepAlive)
            return;
        lock (_gate)
        {
            bool isIdle = _state == State.Valid && _running.Count == 0 && _waiting.Count == 0;
            if (!isIdle || _runtime.Time.GetElapsedTime(_lastUsed) < _grainClass.GetCollectionAge(Options))
                return;
            _deactivation ??= new(DeactivationReasonCode.ActivationIdle, "The activation was idle for its collection age.");
            BeginWhatMay();
        }
    }

    /// <summary>Called under the gate after every change: the one place that decides what happens next.</summary>
    private void BeginWhatMay()
    {
        if (_state != State.Valid)
            return;
        if (_deactivation is { } reason)
        {
            if (_running.Count == 0)
            {
                _state = State.Deactivating;
                _scheduler.Run(() => DeactivateAsync(reason));
            }

            return;
        }

        for (int i = 0; i < _waiting.Count;)
        {
            var request = _waiting[i];
            if (!MayBegin(request))
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            _running.Add(request);
            _scheduler.Run(() => RunAsync(request));
        }
    }

    private bool MayBegin(Request request) =>
        request.AlwaysInterleave
        || _grainClass.IsReentrant
        || _running.TrueForAll(running => running.AlwaysInterleave || (running.IsReadOnly && request.IsReadOnly));

    private async Task RunAsync(Request request)
    {
        await request.ExecuteAsync(this);
        lock (_gate)
        {
            _running.Remove(request);
            _hasProgressed = true;
            if (request.CountsAsUse)
                _lastUsed = _runtime.Time.GetTimestamp();
            BeginWhatMay();
        }
    }

    private async Task ActivateAsync()
    {
        try
        {
            if (!await RegistersAsync())
            {
                await EndAsync(request => request.TryForward(_runtime, hasProgressed: false));
                return;
            }

            using var timeout = new CancellationTokenSource(Options.ActivationTimeout, _runtime.Time);
            GrainInstance = _grainClass.Create(this);
            _lifecycle.Subscribe(_grainClass.ToString(), GrainLifecycleStage.Activate, ((IGrainBase)GrainInstance).OnActivateAsync);
            await _lifecycle.StartAsync(timeout.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailure(_runtime.Logger, "activation", GrainId, exception);
            await EndAsync(request => request.Reject(exception));
            return;
        }

        lock (_gate)
        {
            _state = State.Valid;
            BeginWhatMay();
        }
    }

    /// <summary>False if the grain is active elsewhere: before its constructor runs, so that it never was here.</summary>
    private async Task<bool> RegistersAsync()
    {
        if (_isTwin || _runtime.Cluster is not { } cluster)
            return true;
        var holding = await cluster.Directory.RegisterAsync(Registration).WaitAsync(Options.ActivationTimeout, _runtime.Time);
        if (holding.Activation == ActivationId)
            return true;
        cluster.Directory.Learn(GrainId, new(holding.Silo, MayActivate: false));
        return false;
    }

    private async Task DeactivateAsync(DeactivationReason reason)
    {
        StopTimers();
        using var timeout = new CancellationTokenSource(Options.DeactivationTimeout, _runtime.Time);
        try
        {
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(reason, timeout.Token);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailure(_runtime.Logger, "deactivation", GrainId, exception);
        }

        await EndAsync(request => request.TryForward(_runtime, _hasProgressed));
    }

    /// <summary>Leaves the directory first, so that what is sent on finds another activation.</summary>
    private async Task EndAsync(Action<Request> dismiss)
    {
        StopTimers();
        try
        {
            await _lifecycle.StopAsync(CancellationToken.None);
            if (GrainInstance is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync();
            else
                (GrainInstance as IDisposable)?.Dispose();
            await _scope.DisposeAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailure(_runtime.Logger, "disposal", GrainId, exception);
        }

        if (!_isTwin && _runtime.Cluster is { } cluster)
            await cluster.Directory.UnregisterAsync(Registration);
        _runtime.Remove(this);
        Request[] left;
        lock (_gate)
        {
            _state = State.Gone;
            left = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var request in left)
            dismiss(request);
        _gone.TrySetResult();
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_gate)
            timers = [.. _timers];
        foreach (var timer in timers)
            timer.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The {Step} of grain {Grain} failed.")]
    private static partial void LogFailure(ILogger logger, string step, GrainId grain, Exception exception);
}
