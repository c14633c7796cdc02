// Stands for Orleans.Runtime.MessageCenter's addressing of messages to other silos.
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>Takes calls of grains that are not active here to where they are.</summary>
internal sealed class SiloCluster : IDirectoryHosts
{
    /// <summary>How long a call that came back waits for the view that its silo had.</summary>
    private static readonly TimeSpan ViewLimit = TimeSpan.FromSeconds(2);

    private readonly LocalRuntime _runtime;
    private readonly SiloLinks _links;

    public SiloCluster(LocalRuntime runtime, SiloLinks links, ClusterViews views, ILogger logger)
    {
        _runtime = runtime;
        _links = links;
        Views = views;
        Partition = new(runtime.Silo, views, this, logger);
        Directory = new(runtime.Silo, views, Partition, runtime.Placement, AskAsync);
        views.Changed += Move;
        links.Lost += silo => Directory.ForgetSilos(silo.Equals);
    }

    public ClusterViews Views { get; }

    public DirectoryPartition Partition { get; }

    public GrainDirectory Directory { get; }

    public void Route(GrainCall call)
    {
        if (Directory.TryGetCached(call.Target, out var place) && !place.Silo.Equals(_runtime.Silo))
            Send(call, place);
        else
            _ = Task.Run(() => FindAndSendAsync(call));
    }

    /// <summary>A call that its silo sent back unexecuted.</summary>
    public void Redirect(GrainCall call, SiloAddress silo, Redirection redirection)
    {
        Directory.Forget(call.Target, silo);
        if (!call.CountsForward(redirection.HasProgressed))
            return;
        _ = Task.Run(async () =>
        {
            await Views.WaitForAsync(redirection.ViewVersion, ViewLimit);
            if (redirection.Silo is { } other && Views.Current.IsLiving(other))
                Directory.Learn(call.Target, new(other, MayActivate: false));
            _runtime.Deliver(call);
        });
    }

    public Redirection RedirectionFor(GrainId grain, bool hasProgressed)
    {
        bool knows = Directory.TryGetCached(grain, out var place) && !place.Silo.Equals(_runtime.Silo);
        return new(hasProgressed, Views.Current.Version, knows ? place.Silo : null);
    }

    public async Task<object?> AskAsync(SiloAddress silo, object question)
    {
        using var limit = new CancellationTokenSource(ViewLimit * 5, _runtime.Time);
        try
        {
            return await (await _links.GetAsync(silo)).AskAsync(question, limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new SiloUnavailableException($"Silo {silo} did not answer in time.", exception);
        }
    }

    async Task<RecoverAnswer> IDirectoryHosts.RecoverAsync(SiloAddress silo, long viewVersion)
    {
        var question = new RecoverQuestion(viewVersion);
        return silo.Equals(_runtime.Silo)
            ? await RecoverAsync(question, silo)
            : (RecoverAnswer)(await AskAsync(silo, question))!;
    }

    void IDirectoryHosts.TellDuplicate(Registration registration)
    {
        if (registration.Silo.Equals(_runtime.Silo))
            _runtime.EndDuplicate(registration);
        else
            _links.TryGet(registration.Silo)?.Tell(new DuplicateNotice(registration));
    }

    /// <summary>The activations here whose registrations are the asker's in a view at least as late as its own.</summary>
    public async Task<RecoverAnswer> RecoverAsync(RecoverQuestion question, SiloAddress asker)
    {
        await Views.WaitForAsync(question.ViewVersion, ViewLimit);
        var view = Views.Current;
        if (view.Version < question.ViewVersion)
            throw new OrleansException($"Silo {_runtime.Silo} has not seen version {question.ViewVersion} of the membership.");
        return new([.. _runtime.Activations
            .Where(activation => asker.Equals(view.Ring.OwnerOf(activation.GrainId)))
            .Select(activation => activation.Registration)]);
    }

    private async Task FindAndSendAsync(GrainCall call)
    {
        try
        {
            Directory.Forget(call.Target, _runtime.Silo);
            var place = await Directory.FindAsync(call.Target, _runtime.GrainClasses[call.Target.Type], call.InterfaceType);
            if (place.Silo.Equals(_runtime.Silo))
                _runtime.DeliverHere(call, place.MayActivate);
            else
                Send(call, place);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            call.Reject(exception);
        }
    }

    private void Send(GrainCall call, GrainPlace place)
    {
        var flags = place.MayActivate ? RequestFlags.MayActivate : RequestFlags.None;
        try
        {
            if (_links.TryGet(place.Silo)?.TrySend(call, flags) != true)
                _ = Task.Run(() => ConnectAndSendAsync(call, place, flags));
        }
        catch (Exception exception) when (exception is SerializerException or OrleansException)
        {
            call.Reject(exception);
        }
    }

    /// <summary>
    /// A silo that cannot be reached did not get the call. If the directory knows better by now the call goes there, otherwise it fails.
    /// </summary>
    private async Task ConnectAndSendAsync(GrainCall call, GrainPlace place, RequestFlags flags)
    {
        try
        {
            if (!(await _links.GetAsync(place.Silo)).TrySend(call, flags))
                throw new SiloUnavailableException($"The connection to {place.Silo} was closed; {call} was not sent.");
        }
        catch (SiloUnavailableException exception)
        {
            Directory.Forget(call.Target, place.Silo);
            await FindElsewhereAsync(call, place.Silo, exception);
        }
        catch (Exception exception) when (exception is SerializerException or OrleansException)
        {
            call.Reject(exception);
        }
    }

    private async Task FindElsewhereAsync(GrainCall call, SiloAddress unreachable, Exception failure)
    {
        try
        {
            var place = await Directory.FindAsync(call.Target, _runtime.GrainClasses[call.Target.Type], call.InterfaceType);
            if (place.Silo.Equals(unreachable))
            {
                Directory.Forget(call.Target, unreachable);
                call.Reject(failure);
            }
            else if (call.CountsForward(hasProgressed: false))
            {
                _runtime.Deliver(call);
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            call.Reject(exception);
        }
    }

    private void Move(ClusterView previous, ClusterView next)
    {
        Partition.Move(previous, next);
        Directory.ForgetSilos(silo => !next.IsActive(silo));
        foreach (var silo in previous.Living.Where(silo => !next.IsLiving(silo)))
        {
            // One that left by itself still sends back what was on its way to it; from one that died nothing comes.
            if (previous.IsActive(silo))
                _links.Close(silo);
            else
                _links.Retire(silo);
        }
    }
}
