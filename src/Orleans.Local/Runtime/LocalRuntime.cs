// Stands for Orleans.Runtime.InsideRuntimeClient, Catalog and the grain directory, for a cluster of one silo.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Takes a call from its reference to an activation. The directory maps a grain to its activation; a grain that is not in it is
/// placed and activated by the call. A call fails with TimeoutException when no answer came in time, whether it ran or not.
/// </summary>
internal sealed class LocalRuntime : ICallRuntime
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly TimeSpan _responseTimeout;
    private readonly Mischief? _mischief;
    private readonly LocalPlacement _placement;
    private readonly ITimer _collector;
    private volatile bool _isStopped;

    public LocalRuntime(
        IServiceProvider services,
        ILocalSiloDetails silo,
        TimeProvider time,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<MischiefOptions> mischief,
        ILogger<LocalRuntime> logger)
    {
        Services = services;
        Time = time;
        Logger = logger;
        CollectionOptions = collection.Value;
        _responseTimeout = messaging.Value.ResponseTimeout;
        _placement = new(services, silo);
        _mischief = mischief.Value.IsOn ? new(this, mischief.Value) : null;
        var quantum = CollectionOptions.CollectionQuantum;
        _collector = time.CreateTimer(_ => CollectIdle(), null, quantum, quantum);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public GrainCollectionOptions CollectionOptions { get; }

    public GrainClasses GrainClasses { get; } = new();

    public ObserverTable Observers { get; } = new();

    public object? Call(GrainId target, InvokableMethod method, object?[] arguments)
    {
        var copies = method.CopyArguments(arguments);
        var call = new GrainCall(target, method, copies, method.ResponseTimeout ?? _responseTimeout, Time, _mischief);
        if (_mischief is null)
            Deliver(call);
        else
            _mischief.Reorder(call);
        return call.Returned;
    }

    public void Deliver(GrainCall call)
    {
        if (_isStopped)
            call.Reject(new SiloUnavailableException($"The silo has stopped; {call} was not executed."));
        else if (ObserverTable.Owns(call.Target))
            Observers.Deliver(call);
        else if (_activations.TryGetValue(call.Target, out var activation))
            (_mischief?.Divert(call.Target, activation) ?? activation).Receive(call);
        else
            _ = Task.Run(() => PlaceAsync(call));
    }

    /// <summary>A second activation of a grain that has one, as there may be for a while when a cluster changes.</summary>
    public Activation NewTwin(GrainId grainId)
    {
        var twin = new Activation(this, GrainClasses[grainId.Type], grainId);
        twin.Start();
        return twin;
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    /// <summary>Deactivates everything, then refuses calls. Deactivating grains may still call others.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _collector.DisposeAsync();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is shutting down.");
        while (!cancellationToken.IsCancellationRequested)
        {
            Activation[] activations = [.. _activations.Values, .. _mischief?.TakeTwins() ?? []];
            if (activations.Length == 0)
                break;
            foreach (var activation in activations)
                activation.Deactivate(reason, cancellationToken);
            await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _isStopped = true;
    }

    private async Task PlaceAsync(GrainCall call)
    {
        try
        {
            var grainClass = GrainClasses[call.Target.Type];
            await _placement.PlaceAsync(grainClass, call.Target, call.InterfaceType);
            var created = new Activation(this, grainClass, call.Target);
            var activation = _activations.GetOrAdd(call.Target, created);
            if (ReferenceEquals(activation, created))
                created.Start();
            activation.Receive(call);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            call.Reject(exception);
        }
    }

    private void CollectIdle()
    {
        foreach (var activation in _activations.Values)
            activation.CollectIfIdle();
    }
}
