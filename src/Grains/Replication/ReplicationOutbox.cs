using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Replication;

/// <summary>
/// What replication has to say to other silos and to the map. It is collected while the state machines run, and sent in that order when their lock is
/// free. A call that fails is one that was not answered.
/// </summary>
/// <param name="grains">Whom to call.</param>
/// <param name="source">Takes the maps that come back.</param>
/// <param name="onReply">Takes a replica's answer; any thread.</param>
/// <param name="logger">Told of calls that failed.</param>
internal sealed partial class ReplicationOutbox(
    IGrainFactory grains, SlotMapSource source, Action<string, ReplicateReply> onReply, ILogger logger)
{
    private const string MapName = "the slot map";

    private readonly ConcurrentQueue<Action> _waiting = new();
    private readonly ConcurrentDictionary<(string To, Type Cause), bool> _warned = new();
    private readonly OutgoingParts _parts = new();
    private int _isFlushing;

    private ISlotMapGrain Map => grains.GetGrain<ISlotMapGrain>(0);

    public bool IsEmpty => _waiting.IsEmpty;

    public void Send(string replica, ReplicateRequest request) => Add(replica, () => SendAsync(replica, request));

    public void Report(InSyncReport report) =>
        Add(MapName, () => ReportAsync(Map.ReportInSyncAsync(report.Primary, [.. report.InSync], report.Version)));

    public void Report(MoveReport report) =>
        Add(MapName, () => ReportAsync(Map.MoveDoneAsync(new SlotMove(report.First, report.Last, report.Primary, report.Target), report.Version)));

    public void RefreshMap(long staleVersion) => Add(MapName, () => source.RefreshAsync(staleVersion));

    public void Add(Action action) => _waiting.Enqueue(action);

    /// <summary>Sends what there is. Under no lock of replication, and not on a grain's turn.</summary>
    public void Flush()
    {
        // Whoever comes while another thread is at it leaves it to that one, which looks again when it is done.
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isFlushing, 1) == 0)
        {
            try
            {
                while (_waiting.TryDequeue(out var action)) action();
            }
            finally
            {
                // A full fence: whoever came meanwhile has either seen this, or is seen below.
                Interlocked.Exchange(ref _isFlushing, 0);
            }
        }
    }

    private void Add(string to, Func<Task> call) => Add(() => { _ = TryAsync(to, call); });

    private Task SendAsync(string replica, ReplicateRequest request)
    {
        var grain = grains.GetGrain<IReplicaGrain>(replica);
        return request.Items is [var first, ..] && OutgoingParts.IsTooLong(first)
            ? _parts.SendAsync(replica, grain, request, latest => CallAsync(replica, grain, latest))
            : CallAsync(replica, grain, request);
    }

    private async Task CallAsync(string replica, IReplicaGrain grain, ReplicateRequest request) =>
        onReply(replica, ReplicaWire.FromAnswer(await grain.ReplicateAsync(ReplicaWire.ToCall(request)).ConfigureAwait(false)));

    private async Task ReportAsync(Task<SlotMap> report) => source.Accept(await report.ConfigureAwait(false));

    private async Task TryAsync(string to, Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Silos come and go, and calls get lost with them. Anything else would stay unknown where it happens again and again.
            var isUsual = error is TimeoutException or OrleansMessageRejectionException or ObjectDisposedException or OperationCanceledException;
            if (!isUsual && _warned.TryAdd((to, error.GetType()), true)) LogFailed(logger, error, to);
            else LogNoAnswer(logger, error, to);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A call of replication to {To} was not answered")]
    private static partial void LogNoAnswer(ILogger logger, Exception error, string to);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A call of replication to {To} failed; it is made again, and this is not said again")]
    private static partial void LogFailed(ILogger logger, Exception error, string to);
}
