using System.Collections.Concurrent;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains;

/// <summary>
/// Executes the batches of grain calls on the silo's store, as a gateway does for its connections: same rows, same checks, same locks.
/// </summary>
/// <remarks>Any thread. What one execution needs (a worker, a session, a reply buffer) is kept for the next; there are as many as calls
/// have ever run at once, which is at most a few per core, since an execution never waits: what waits for the commit barrier is only its replies.</remarks>
/// <param name="store">The silo's.</param>
/// <param name="map">Which version of the slot map a refusal names; null where there is no cluster.</param>
/// <param name="self">Gives this silo's name in the slot map; null where there is no cluster.</param>
/// <param name="watches">What clients elsewhere watch here; null where there are none.</param>
public sealed class GrainCommands(Store store, ISlotMapSource? map = null, RemoteWatches? watches = null, Func<string>? self = null)
{
    /// <summary>Where the replies of some clients are more, nothing is executed for others in the same call: it would become too big a message.</summary>
    private const int ManyReplyBytes = 1024 * 1024;

    private readonly ConcurrentBag<GrainLane> _idle = [];

    /// <summary>
    /// Executes <paramref name="commands"/> in order and gives the replies in order. A command on a slot that this silo does not own is
    /// certainly not executed: its reply is <see cref="ErrorText.NotOwner"/> with the version of the slot map that is known here, and so are
    /// the replies of all that follow it, since whoever sends it again means it to come before them.
    /// </summary>
    /// <param name="commands">Whole RESP commands. At the first malformed one the batch ends with the error that a client would get.</param>
    /// <param name="database">The database they work on.</param>
    /// <param name="slotNumber">The slot that their keys must be of; null for any.</param>
    /// <returns>The replies, once what they tell is committed.</returns>
    /// <exception cref="SiloUnavailableException">The silo has lost its slots meanwhile: whether the commands took effect is unknown.</exception>
    public Task<RespBatch> ExecuteAsync(RespBatch commands, int database, int? slotNumber)
    {
        var replies = Execute(commands, database, slotNumber, out var barrierLsn);
        return Commits.Await(store, barrierLsn, replies);
    }

    /// <summary>Executes what several clients sent: see <see cref="ISiloGrain.ExecuteAllAsync"/>.</summary>
    public Task<RespBatch[]> ExecuteAllAsync(ClientBatch[] batches)
    {
        var replies = new RespBatch[batches.Length];
        var executed = 0;
        long barrierLsn = -1;
        for (var bytes = 0; executed < batches.Length && bytes < ManyReplyBytes; executed++)
        {
            replies[executed] = Execute(batches[executed].Commands, batches[executed].Database, slotNumber: null, out var lsn);
            bytes += replies[executed].Bytes.Length;
            barrierLsn = Math.Max(barrierLsn, lsn);
        }

        return Commits.Await(store, barrierLsn, executed < replies.Length ? replies[..executed] : replies);
    }

    private RespBatch Execute(RespBatch commands, int database, int? slotNumber, out long barrierLsn)
    {
        barrierLsn = -1;
        if ((uint)database >= (uint)store.DatabaseCount) return new([.. "-"u8, .. ErrorText.DbIndexOutOfRange, .. "\r\n"u8]);
        if (!_idle.TryTake(out var lane)) lane = new(store, map, watches, self);
        try
        {
            var replies = lane.Execute(commands, database, slotNumber);
            barrierLsn = lane.Worker.BarrierLsn;
            return replies;
        }
        finally
        {
            lane.Worker.Release();
            _idle.Add(lane);
        }
    }
}
