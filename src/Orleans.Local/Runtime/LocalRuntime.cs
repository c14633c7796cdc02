// Stands for Orleans.Runtime.InsideRuntimeClient, Catalog and MessageCenter.
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Takes a call from its reference to an activation. A grain that is active here is called here. In a silo alone any other is placed and
/// activated here by the call; in a cluster <see cref="SiloCluster"/> finds it. A call fails with TimeoutException when no answer came in
/// time, whether it ran or not.
/// </summary>
internal sealed class LocalRuntime : ICallRuntime
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly TimeSpan _responseTimeout;
    private readonly Mischief? _mischief;
    private readonly CallHost _host;
    private readonly CallHost _quietHost;
    private readonly ITimer _collector;
    private volatile bool _isStopping;
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
        Silo = silo.SiloAddress;
        Observers = new(Silo.ToParsableString());
        CollectionOptions = collection.Value;
        Placement = new(services, silo);
        _responseTimeout = messaging.Value.ResponseTimeout;
        _mischief = mischief.Value.IsOn ? new(this, mischief.Value) : null;
        _host = new(time, this, _mischief);
        _quietHost = new(time, this, null);
        var quantum = CollectionOptions.CollectionQuantum;
        _collector = time.CreateTimer(_ => CollectIdle(), null, quantum, quantum);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public SiloAddress Silo { get; }

    public GrainCollectionOptions CollectionOptions { get; }

    public GrainClasses GrainClasses { get; } = new();

    public GrainManifest Manifest => GrainClasses.Manifest;

    public ObserverTable Observers { get; }

    public LocalPlacement Placement { get; }

    /// <summary>The ways to other silos; null in a silo alone. Set before the silo is active.</summary>
    public SiloCluster? Cluster { get; set; }

    /// <summary>The ways to clients in other processes; null where nothing listens.</summary>
    public SiloNetwork? Network { get; set; }

    public ICollection<Activation> Activations => _activations.Values;

    public object? Call(GrainId target, InvokableMethod method, object?[] arguments)
    {
        var copies = method.CopyArguments(arguments);
        var host = method.IsOfRuntime ? _quietHost : _host;
        var call = new GrainCall(host, target, method, copies, method.Shape.NewPending(), method.ResponseTimeout ?? _responseTimeout);
        call.ObserveCancellation();
        if (host.Mischief is null)
            Deliver(call);
        else
            host.Mischief.Reorder(call);
        return call.Returned;
    }

    public void Deliver(GrainCall call)
    {
        if (_isStopped)
            call.Reject(new SiloUnavailableException($"The silo has stopped; {call} was not executed."));
        else if (ObserverTable.Owns(call.Target))
            DeliverToObserver(call);
        else if (_activations.TryGetValue(call.Target, out var activation))
            Receive(activation, call);
        else if (Cluster is { } cluster)
            cluster.Route(call);
        else
            _ = Task.Run(() => PlaceAsync(call));
    }

    /// <summary>
    /// A call from another process. A client leaves it to this silo to find the grain; a silo has found that it is here, and is told if not.
    /// </summary>
    public void ReceiveRemote(Link link, IncomingCall incoming)
    {
        var answer = new RemoteAnswer(link, incoming, this);
        var host = incoming.Method.IsOfRuntime ? _quietHost : _host;
        var call = new GrainCall(host, incoming.Target, incoming.Method, incoming.Arguments, answer, incoming.Timeout)
        {
            ForwardCount = incoming.ForwardCount,
        };
        if (link.Silo is null || ObserverTable.Owns(call.Target))
            Deliver(call);
        else
            DeliverHere(call, incoming.Flags.HasFlag(RequestFlags.MayActivate));
    }

    /// <summary>Runs the call on this silo, or sends it back to look elsewhere.</summary>
    public void DeliverHere(GrainCall call, bool mayActivate)
    {
        try
        {
            if (!_isStopped && _activations.TryGetValue(call.Target, out var activation))
                Receive(activation, call);
            else if (mayActivate && !_isStopping)
                Activate(call);
            else
                call.TryForward(this, hasProgressed: false);
        }
        catch (ArgumentException exception)
        {
            call.Reject(exception);
        }
    }

    public Redirection RedirectionFor(GrainId grain, bool hasProgressed) =>
        Cluster?.RedirectionFor(grain, hasProgressed) ?? new(hasProgressed, 0, null);

    /// <summary>Ends an activation of which the directory has another.</summary>
    public void EndDuplicate(Registration registration)
    {
        if (_activations.TryGetValue(registration.Grain, out var activation) && activation.ActivationId == registration.Activation)
            activation.Deactivate(new(DeactivationReasonCode.DuplicateActivation, "The grain has another activation."));
    }

    /// <summary>A second activation of a grain that has one, as there may be for a while when a cluster changes.</summary>
    public Activation NewTwin(GrainId grainId)
    {
        var twin = new Activation(this, GrainClasses[grainId.Type], grainId, isTwin: true);
        twin.Start();
        return twin;
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    /// <summary>Deactivates everything, then refuses calls. Deactivating grains may still call others.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        await _collector.DisposeAsync();
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is shutting down.");
        while (!cancellationToken.IsCancellationRequested)
        {
            Activation[] activations = [.. _activations.Values, .. _mischief?.TakeTwins() ?? []];
            if (activations.Length == 0)
                break;
            // The runtime's own grains keep what the others write at their end.
            Activation[] first = [.. activations.Where(activation => !activation.IsOfRuntime)];
            if (first.Length > 0)
                activations = first;
            foreach (var activation in activations)
                activation.Deactivate(reason, cancellationToken);
            await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _isStopped = true;
    }

    /// <summary>Serves nothing more, as if the process had died.</summary>
    public void Kill() => _isStopping = _isStopped = true;

    private void Receive(Activation activation, GrainCall call) =>
        (call.Method.IsOfRuntime || _mischief is null ? activation : _mischief.Divert(call.Target, activation)).Receive(call);

    private async Task PlaceAsync(GrainCall call)
    {
        try
        {
            var chosen = await Placement.PlaceAsync(GrainClasses[call.Target.Type], call.Target, call.InterfaceType);
            if (!Silo.Equals(chosen))
                throw new SiloUnavailableException($"Grain {call.Target} was placed on silo {chosen}, which is not in the cluster.");
            Activate(call);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            call.Reject(exception);
        }
    }

    private void Activate(GrainCall call)
    {
        var created = new Activation(this, GrainClasses[call.Target.Type], call.Target, isTwin: false);
        var activation = _activations.GetOrAdd(call.Target, created);
        if (ReferenceEquals(activation, created))
            created.Start();
        activation.Receive(call);
    }

    private void DeliverToObserver(GrainCall call)
    {
        string owner = ObserverTable.OwnerOf(call.Target);
        if (owner == Observers.Owner || Network is null)
            Observers.Deliver(call);
        else
            Network.DeliverToObserver(owner, call);
    }

    private void CollectIdle()
    {
        foreach (var activation in _activations.Values)
            activation.CollectIfIdle();
    }
}
