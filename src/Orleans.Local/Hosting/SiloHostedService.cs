// Stands for Orleans.Runtime.SiloHostedService and Orleans.Runtime.Silo.
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Starts and stops the silo with its host: grains can be called from stage BecomeActive on, and until it is left. A member of a cluster
/// listens first, joins, becomes active, and then lets clients in; going, it first tells the others, who give it nothing new, then ends its
/// grains, and leaves.
/// </summary>
internal sealed class SiloHostedService(
    IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants,
    LocalRuntime runtime,
    ILocalSiloDetails silo,
    SiloNetwork network,
    RuntimeMembership membership,
    ILogger<SiloHostedService> logger) : IHostedService
{
    private static readonly TimeSpan ActiveLimit = TimeSpan.FromSeconds(30);

    private readonly LifecycleSubject _lifecycle = new();
    private readonly IMembershipAgent? _agent = membership.Service as IMembershipAgent;
    private ClusterViews? _views;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _lifecycle.Subscribe("Network", ServiceLifecycleStage.RuntimeInitialize, Listen, Close);
        _lifecycle.Subscribe("Membership", ServiceLifecycleStage.RuntimeGrainServices, JoinAsync);
        _lifecycle.Subscribe("Activations", ServiceLifecycleStage.BecomeActive, BecomeActiveAsync, LeaveAsync);
        foreach (var participant in participants)
            participant.Participate(_lifecycle);
        try
        {
            await _lifecycle.StartAsync(cancellationToken);
        }
        catch
        {
            Disappear();
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _lifecycle.StopAsync(cancellationToken);

    private Task Listen(CancellationToken cancellationToken)
    {
        ProcessSilos.Add(silo, runtime);
        runtime.Network = network;
        if (membership.Service is not { } service)
            return Task.CompletedTask;
        _views = new(service, runtime.Time);
        runtime.Placement.Views = _views;
        runtime.Cluster = new(runtime, network.Links, _views, logger);
        network.Membership = _agent;
        network.ListenForSilos();
        return Task.CompletedTask;
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        if (_agent is not null)
        {
            _agent.DeclaredDead += Disappear;
            await _agent.JoinAsync(cancellationToken);
        }

        _views?.Start();
    }

    private async Task BecomeActiveAsync(CancellationToken cancellationToken)
    {
        if (_agent is not null)
            await _agent.BecomeActiveAsync(cancellationToken);
        if (_views is { } views)
            await WaitUntilActiveAsync(views).WaitAsync(ActiveLimit, runtime.Time, cancellationToken);
        network.ListenForClients();
    }

    private async Task WaitUntilActiveAsync(ClusterViews views)
    {
        while (views.Current is var view && !view.IsActive(silo.SiloAddress))
            await views.WaitForChangeAsync(view, ActiveLimit);
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_agent is not null)
            await _agent.BeginLeavingAsync(cancellationToken);
        network.DismissClients();
        await runtime.StopAsync(cancellationToken);
        if (_agent is not null)
            await _agent.LeaveAsync(cancellationToken);
    }

    private async Task Close(CancellationToken cancellationToken)
    {
        await network.DrainAsync();
        Disappear();
        if (_views is not null)
            await _views.DisposeAsync();
    }

    /// <summary>Serves nobody any more, at once: the silo has stopped, could not start, or was declared dead.</summary>
    private void Disappear()
    {
        runtime.Kill();
        network.Stop();
        ProcessSilos.Remove(silo);
    }
}
