// Stands for Orleans.OutsideRuntimeClient and Orleans.Messaging.ClientMessageCenter: a client in another process than its silos.
using System.Net;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Connected to every gateway that it was told of. Calls of one grain go through one gateway while that lives, others through another's.
/// A gateway that is lost is tried again; calls that were under way through it fail, with an unknown outcome.
/// </summary>
internal sealed partial class OutsideClient : ICallRuntime, ILinkHandler, IAsyncDisposable
{
    private readonly Guid _id = Guid.NewGuid();
    private readonly string _clusterId;
    private readonly IPEndPoint[] _gateways;
    private readonly Link?[] _links;
    private readonly LinkLimits _limits;
    private readonly TimeSpan _responseTimeout;
    private readonly ConnectionOptions _connection;
    private readonly CallHost _host;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connecting = [];

    public OutsideClient(
        string clusterId,
        IPEndPoint[] gateways,
        ClientMessagingOptions messaging,
        ConnectionOptions connection,
        TimeProvider time,
        ILogger logger)
    {
        _clusterId = clusterId;
        _gateways = gateways;
        _links = new Link?[gateways.Length];
        _limits = LinkLimits.Of(messaging);
        _responseTimeout = messaging.ResponseTimeout;
        _connection = connection;
        _host = new(time, null, null);
        _logger = logger;
        Observers = new(_id.ToString("N"));
    }

    public GrainManifest Manifest { get; private set; } = new([]);

    public ObserverTable Observers { get; }

    /// <summary>Connects to all gateways; throws SiloUnavailableException if none can be reached.</summary>
    public async Task ConnectAsync()
    {
        var failures = await Task.WhenAll(Enumerable.Range(0, _gateways.Length).Select(TryConnectAsync));
        if (failures.All(failure => failure is not null))
        {
            throw failures.FirstOrDefault() is { } failure
                ? new SiloUnavailableException($"Could not find any gateway of cluster '{_clusterId}'. {failure.Message}", failure)
                : new SiloUnavailableException("No gateway is configured.");
        }

        _connecting.AddRange(Enumerable.Range(0, _gateways.Length).Select(KeepConnectedAsync));
    }

    public object? Call(GrainId target, InvokableMethod method, object?[] arguments)
    {
        var copies = method.CopyArguments(arguments);
        var call = new GrainCall(_host, target, method, copies, method.Shape.NewPending(), method.ResponseTimeout ?? _responseTimeout);
        call.ObserveCancellation();
        if (ObserverTable.Owns(target) && ObserverTable.OwnerOf(target) == Observers.Owner)
            Observers.Deliver(call);
        else
            Send(call);
        return call.Returned;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var link in _links)
            link?.Close(null);
    }

    void ILinkHandler.ReceiveCall(Link link, IncomingCall call) => Observers.Deliver(
        new(_host, call.Target, call.Method, call.Arguments, new RemoteAnswer(link, call, null), call.Timeout));

    Task<object?> ILinkHandler.AnswerAsync(Link link, object question) =>
        Task.FromException<object?>(new OrleansException("A client answers no questions."));

    void ILinkHandler.Hear(Link link, object told)
    {
        if (told is ClosingNotice)
            link.IsRetiring = true;
    }

    private void Send(GrainCall call)
    {
        try
        {
            if (!TrySend(call, isRetiring: false) && !TrySend(call, isRetiring: true))
                call.Reject(new SiloUnavailableException($"No gateway of cluster '{_clusterId}' is connected; {call} was not sent."));
        }
        catch (Exception exception) when (exception is SerializerException or OrleansException)
        {
            call.Reject(exception);
        }
    }

    private bool TrySend(GrainCall call, bool isRetiring)
    {
        int first = (int)((uint)call.Target.GetHashCode() % _links.Length);
        for (int i = 0; i < _links.Length; i++)
        {
            if (_links[(first + i) % _links.Length] is { } link && link.IsRetiring == isRetiring && link.TrySend(call, RequestFlags.None))
                return true;
        }

        return false;
    }

    private async Task<Exception?> TryConnectAsync(int index)
    {
        try
        {
            var hello = new Hello(_clusterId, null, null, _id);
            var (socket, silo) = await Dialer.ConnectAsync(_gateways[index], hello, _connection.OpenConnectionTimeout);
            var link = new Link(socket, $"gateway {silo}", null, this, this, _limits);
            link.Start();
            using var limit = new CancellationTokenSource(_responseTimeout);
            Manifest = new(((ManifestAnswer)(await link.AskAsync(new ManifestQuestion(), limit.Token))!).Entries);
            _links[index] = link;
            return null;
        }
        catch (Exception exception) when (exception is OrleansException or OperationCanceledException)
        {
            return exception;
        }
    }

    private async Task KeepConnectedAsync(int index)
    {
        using var retry = new PeriodicTimer(_connection.ConnectionRetryDelay, _host.Time);
        while (!_stop.IsCancellationRequested)
        {
            if (_links[index] is { } link)
            {
                await link.Closed.WaitAsync(_stop.Token);
                _links[index] = null;
                LogLost(_logger, link.Peer);
            }

            if (await TryConnectAsync(index) is not null)
                await retry.WaitForNextTickAsync(_stop.Token);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection to {Gateway} was lost.")]
    private static partial void LogLost(ILogger logger, string gateway);
}
