// Stands for Orleans.Runtime.MessageCenter and Orleans.Runtime.Messaging.Gateway: a silo's sockets.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Listens for other silos (in a cluster) and for clients (where there is a gateway port), and gives what comes in to whom it concerns.
/// </summary>
internal sealed class SiloNetwork : ILinkHandler
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly LocalRuntime _runtime;
    private readonly ILocalSiloDetails _silo;
    private readonly EndpointOptions _endpoint;
    private readonly LinkLimits _limits;
    private readonly TimeSpan _openTimeout;
    private readonly List<LinkListener> _listeners = [];
    private readonly ConcurrentDictionary<Guid, Link> _clients = new();
    private readonly ClientRoutes _routes;

    public SiloNetwork(
        LocalRuntime runtime,
        ILocalSiloDetails silo,
        IOptions<EndpointOptions> endpoint,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<ConnectionOptions> connection,
        ILogger<SiloNetwork> logger)
    {
        _runtime = runtime;
        _silo = silo;
        _endpoint = endpoint.Value;
        _limits = LinkLimits.Of(messaging.Value);
        _openTimeout = connection.Value.OpenConnectionTimeout;
        Links = new(silo.ClusterId, silo.SiloAddress, _openTimeout, MakeSiloLink, runtime.Time, logger);
        _routes = new(Links, _clients);
    }

    public SiloLinks Links { get; }

    /// <summary>Who is told of probes and gossip; null in a silo alone.</summary>
    public IMembershipReceiver? Membership { get; set; }

    /// <summary>Listens for silos, which a silo alone has no need of.</summary>
    public void ListenForSilos() => Listen(new(_endpoint.AdvertisedIPAddress, _endpoint.SiloPort), RefuseSilo, AcceptSilo);

    /// <summary>Listens for clients, unless the gateway port is 0.</summary>
    public void ListenForClients()
    {
        if (_endpoint.GatewayPort != 0)
            Listen(new(_endpoint.AdvertisedIPAddress, _endpoint.GatewayPort), RefuseClient, AcceptClient);
    }

    /// <summary>Tells the clients to go elsewhere.</summary>
    public void DismissClients()
    {
        foreach (var client in _clients.Values)
            client.Tell(new ClosingNotice());
    }

    /// <summary>Sends what is left to be sent, and waits for what is left to be answered, in bounded time each.</summary>
    public async Task DrainAsync()
    {
        await Task.WhenAll(_clients.Values.Select(client => client.IdleAsync(DrainLimit, _runtime.Time)));
        await Links.WaitUntilClosedAsync();
    }

    /// <summary>Closes everything; calls without an answer fail.</summary>
    public void Stop()
    {
        foreach (var listener in _listeners)
            listener.Stop();
        Links.CloseAll();
        foreach (var client in _clients.Values)
            client.Close(null);
    }

    public void DeliverToObserver(string owner, GrainCall call)
    {
        if (Guid.TryParseExact(owner, "N", out var client))
            _routes.Deliver(client, call, OtherSilos());
        else if (ClientRoutes.TryParseSilo(owner, out var silo))
            _routes.Deliver(silo, call);
        else
            call.Reject(new OrleansMessageRejectionException($"No such observer: {call.Target}."));
    }

    void ILinkHandler.ReceiveCall(Link link, IncomingCall call) => _runtime.ReceiveRemote(link, call);

    async Task<object?> ILinkHandler.AnswerAsync(Link link, object question)
    {
        if (question is ManifestQuestion)
            return _runtime.Manifest.Answer;
        if (link.Silo is not { } asker)
            throw new OrleansException("Clients call grains and ask nothing else.");
        switch (question)
        {
            case ProbeQuestion:
                return Membership?.ReceiveProbe() == true ? null : throw new OrleansException("This silo is no member.");
            case IndirectProbeQuestion probe when Membership is { } membership:
                using (var limit = new CancellationTokenSource(probe.ProbeTimeout * 2))
                    return await membership.ReceiveIndirectProbeAsync(probe.Target, probe.ProbeTimeout, limit.Token);
            case ClientQuestion client:
                return _clients.ContainsKey(client.Client);
            case RecoverQuestion recover when _runtime.Cluster is { } cluster:
                return await cluster.RecoverAsync(recover, asker);
            default:
                return _runtime.Cluster is { } member
                    ? await member.Directory.AnswerAsync(question)
                    : throw new OrleansException("This silo is alone.");
        }
    }

    void ILinkHandler.Hear(Link link, object told)
    {
        if (link.Silo is null)
            return;
        if (told is GossipNotice)
            Membership?.ReceiveGossip();
        else if (told is DuplicateNotice duplicate)
            _runtime.EndDuplicate(duplicate.Registration);
    }

    private SiloAddress[] OtherSilos() =>
        [.. (_runtime.Cluster?.Views.Current.Active ?? []).Where(silo => !silo.Equals(_silo.SiloAddress))];

    private void Listen(IPEndPoint endpoint, Func<Hello, string?> refuse, Action<Socket, Hello> accept)
    {
        var listener = new LinkListener(endpoint, _silo.SiloAddress, _openTimeout, refuse, accept);
        listener.Start();
        _listeners.Add(listener);
    }

    private string? RefuseSilo(Hello hello)
    {
        if (Refuse(hello) is { } refusal)
            return refusal;
        if (hello.Silo is null)
            return "this is the port for silos";
        return _runtime.Cluster?.Views.Current.Snapshot.GetSiloStatus(hello.Silo) == SiloStatus.Dead
            ? $"silo {hello.Silo} was declared dead"
            : null;
    }

    private string? RefuseClient(Hello hello) => Refuse(hello) ?? (hello.Silo is null ? null : "this is the port for clients");

    private string? Refuse(Hello hello)
    {
        if (hello.ClusterId != _silo.ClusterId)
            return $"this silo is of cluster '{_silo.ClusterId}'";
        return hello.Target is null || hello.Target.Equals(_silo.SiloAddress) ? null : $"this silo is {_silo.SiloAddress}";
    }

    private void AcceptSilo(Socket socket, Hello hello)
    {
        var link = MakeSiloLink(socket, hello.Silo!);
        Links.Add(hello.Silo!, link);
        link.Start();
    }

    private void AcceptClient(Socket socket, Hello hello)
    {
        var link = new Link(socket, $"client {hello.Client:N}", null, this, _runtime, _limits);
        _clients[hello.Client] = link;
        link.Closed.ContinueWith(_ => _clients.TryRemove(new(hello.Client, link)), TaskScheduler.Default);
        link.Start();
    }

    private Link MakeSiloLink(Socket socket, SiloAddress silo) => new(socket, $"silo {silo}", silo, this, _runtime, _limits);
}
