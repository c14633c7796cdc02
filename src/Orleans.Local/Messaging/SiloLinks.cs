// Stands for Orleans.Runtime.Messaging.ConnectionManager and SiloConnectionFactory.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// The links to other silos, one for each, made by whichever side first has something to say. That a link was reset, or could not be made
/// again, is reported and no more: what it proves is for those to say who know what runs at the other end.
/// </summary>
internal sealed partial class SiloLinks(
    string clusterId, SiloAddress self, TimeSpan openTimeout, Func<Socket, SiloAddress, Link> make, TimeProvider time, ILogger logger)
{
    /// <summary>How long a link whose use is over may live on for the answers that are outstanding.</summary>
    private static readonly TimeSpan RetireLimit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<SiloAddress, Lazy<Task<Link>>> _links = new();
    private volatile bool _isClosed;

    /// <summary>After a link to a silo is closed.</summary>
    public event Action<SiloAddress>? Lost;

    /// <summary>The link if there is one now.</summary>
    public Link? TryGet(SiloAddress silo) =>
        _links.TryGetValue(silo, out var link) && link.IsValueCreated && link.Value.IsCompletedSuccessfully && !link.Value.Result.IsClosed
            ? link.Value.Result
            : null;

    /// <summary>The link, made if there is none; throws SiloUnavailableException if exactly this incarnation cannot be reached.</summary>
    public async Task<Link> GetAsync(SiloAddress silo)
    {
        if (_isClosed)
            throw new SiloUnavailableException($"Silo {self} has stopped.");
        var entry = _links.GetOrAdd(silo, static (silo, links) => new(() => links.ConnectAsync(silo)), this);
        try
        {
            var link = await entry.Value;
            if (!link.IsClosed)
                return link;
            _links.TryRemove(new(silo, entry));
            throw new SiloUnavailableException($"The connection to {silo} was closed.");
        }
        catch
        {
            _links.TryRemove(new(silo, entry));
            throw;
        }
    }

    /// <summary>A link that the other side has made. If both made one at once both are kept; each side sends on its own.</summary>
    public void Add(SiloAddress silo, Link link)
    {
        _links.TryAdd(silo, new(Task.FromResult(link)));
        Watch(silo, link);
    }

    public void Close(SiloAddress silo)
    {
        if (_links.TryRemove(silo, out var link) && link.IsValueCreated)
            _ = link.Value.ContinueWith(static task => task.Result.Close(null), TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    /// <summary>Sends nothing more to the silo; its link is closed once everything sent is answered, or soon anyway.</summary>
    public void Retire(SiloAddress silo)
    {
        if (_links.TryRemove(silo, out var link) && link.IsValueCreated)
            _ = link.Value.ContinueWith(task => RetireAsync(task.Result), TaskContinuationOptions.OnlyOnRanToCompletion);
    }

    /// <summary>Waits, in bounded time, until the other silos have closed their links to this one, since it has left.</summary>
    public async Task WaitUntilClosedAsync()
    {
        var closed = _links.Values.Where(link => link.IsValueCreated && link.Value.IsCompletedSuccessfully).Select(link => link.Value.Result.Closed);
        Task all = Task.WhenAll(closed);
        await all.WaitAsync(RetireLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void CloseAll()
    {
        _isClosed = true;
        foreach (var silo in _links.Keys)
            Close(silo);
    }

    private async Task RetireAsync(Link link)
    {
        await link.IdleAsync(RetireLimit, time);
        link.Close(null);
    }

    private async Task<Link> ConnectAsync(SiloAddress silo)
    {
        await Task.Yield();
        try
        {
            var (socket, _) = await Dialer.ConnectAsync(silo.Endpoint, new(clusterId, silo, self, default), openTimeout);
            var link = make(socket, silo);
            Watch(silo, link);
            link.Start();
            return link;
        }
        catch (SiloUnavailableException exception)
        {
            LogUnreachable(logger, silo, exception.Message);
            throw;
        }
    }

    private void Watch(SiloAddress silo, Link link) => link.Closed.ContinueWith(
        closed =>
        {
            if (_links.TryGetValue(silo, out var entry) && entry.IsValueCreated
                && entry.Value.IsCompletedSuccessfully && ReferenceEquals(entry.Value.Result, link))
                _links.TryRemove(new(silo, entry));
            if (!_isClosed)
                LogLost(logger, silo, closed.Result?.Message ?? "closed by the other side");
            Lost?.Invoke(silo);
        },
        TaskScheduler.Default);

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} cannot be reached: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, SiloAddress silo, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection to silo {Silo} was lost: {Reason}")]
    private static partial void LogLost(ILogger logger, SiloAddress silo, string reason);
}

internal static class Dialer
{
    /// <summary>Connects and shakes hands; every failure is a SiloUnavailableException with what failed inside.</summary>
    public static async Task<(Socket Socket, SiloAddress Silo)> ConnectAsync(IPEndPoint endpoint, Hello hello, TimeSpan timeout)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = new CancellationTokenSource(timeout);
            await socket.ConnectAsync(endpoint, limit.Token);
            await Handshake.SendAsync(socket, hello, limit.Token);
            var welcome = await Handshake.ReceiveWelcomeAsync(socket, limit.Token);
            if (welcome.Refusal is not null)
                throw new SiloUnavailableException($"{hello.Target?.ToString() ?? endpoint.ToString()} refused: {welcome.Refusal}");
            return (socket, welcome.Silo);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is SiloUnavailableException)
                throw;
            string name = hello.Target?.ToString() ?? endpoint.ToString();
            throw exception is SocketException or SerializerException or OperationCanceledException
                ? new SiloUnavailableException($"Could not connect to {name}: {exception.Message}", exception)
                : exception;
        }
    }
}
