// Stands for Orleans.Runtime.GrainDirectory.ClientDirectory: which silos a client is connected to.
using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Takes calls of observers to the silo or client that has them. A client that is not connected here is looked for at the other silos and
/// its silo remembered for as long as calls can be sent there.
/// </summary>
internal sealed class ClientRoutes(SiloLinks links, ConcurrentDictionary<Guid, Link> clients)
{
    private static readonly TimeSpan SearchLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, SiloAddress> _routes = new();

    public static bool TryParseSilo(string text, out SiloAddress silo)
    {
        try
        {
            silo = SiloAddress.FromParsableString(text);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            silo = SiloAddress.Zero;
            return false;
        }
    }

    public void Deliver(SiloAddress silo, GrainCall call)
    {
        if (!TrySend(links.TryGet(silo), call))
            _ = Task.Run(() => ConnectAndSendAsync(silo, call));
    }

    public void Deliver(Guid client, GrainCall call, SiloAddress[] silos)
    {
        if (clients.TryGetValue(client, out var link) && TrySend(link, call))
            return;
        if (!_routes.TryGetValue(client, out var silo) || !TrySend(links.TryGet(silo), call))
            _ = Task.Run(() => FindAndSendAsync(client, call, silos));
    }

    private static bool TrySend(Link? link, GrainCall call)
    {
        try
        {
            return link?.TrySend(call, RequestFlags.None) == true;
        }
        catch (Exception exception) when (exception is SerializerException or OrleansException)
        {
            call.Reject(exception);
            return true;
        }
    }

    private async Task ConnectAndSendAsync(SiloAddress silo, GrainCall call)
    {
        try
        {
            if (!TrySend(await links.GetAsync(silo), call))
                throw new SiloUnavailableException($"The connection to {silo} was closed; {call} was not sent.");
        }
        catch (SiloUnavailableException exception)
        {
            call.Reject(exception);
        }
    }

    /// <summary>A call that has been sent on already is not searched for again: its client has gone meanwhile.</summary>
    private async Task FindAndSendAsync(Guid client, GrainCall call, SiloAddress[] silos)
    {
        _routes.TryRemove(client, out _);
        if (call.ForwardCount == 0)
        {
            var found = await Task.WhenAll(silos.Select(silo => HasClientAsync(silo, client)));
            if (found.FirstOrDefault(silo => silo is not null) is { } silo)
            {
                _routes[client] = silo;
                call.ForwardCount++;
                await ConnectAndSendAsync(silo, call);
                return;
            }
        }

        call.Reject(new OrleansMessageRejectionException($"Client {client:N} is not connected to the cluster; {call} was not executed."));
    }

    private async Task<SiloAddress?> HasClientAsync(SiloAddress silo, Guid client)
    {
        using var limit = new CancellationTokenSource(SearchLimit);
        try
        {
            return await (await links.GetAsync(silo)).AskAsync(new ClientQuestion(client), limit.Token) is true ? silo : null;
        }
        catch (Exception exception) when (exception is OrleansException or OperationCanceledException)
        {
            return null;
        }
    }
}
