using Microsoft.Extensions.Logging;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Replication;

/// <summary>
/// Hands slots over that are to be another silo's: what the map's plan says of this silo, one group after the other, with a pause between them.
/// Clients wait for the slots of a group from its freezing to the target's serving: for what is on its way to be committed, and one change of the map.
/// </summary>
internal sealed partial class SlotMover(SiloReplication replication, SlotMapSource source, ServerConfig config, ILogger logger)
{
    /// <summary>How often the plan is looked at, though the map is the same: a group may have been given up.</summary>
    private const int LookPeriodMs = 500;

    private long _lookedAtVersion;
    private long _lookAtMs;
    private SlotMove? _move;
    private long _startedMs;

    /// <summary>The groups that this silo could hand over now; none while there is one on its way.</summary>
    public IReadOnlyList<SlotMove> Look(long nowMs)
    {
        var map = source.Current;
        if (_move != null || nowMs < _lookAtMs || (map.Version == _lookedAtVersion && nowMs < _lookAtMs + LookPeriodMs)) return [];
        _lookedAtVersion = map.Version;
        _lookAtMs = nowMs;
        return [.. MovePlan.Next(map).Where(move => move.From == replication.Self)];
    }

    /// <summary>Goes on with the group that is on its way, or begins with the first that can be. Under the lock of replication.</summary>
    public void Go(IReadOnlyList<SlotMove> moves, long nowMs)
    {
        if (_move is { } move && replication.HandedOver == null)
        {
            _move = null;
            _lookAtMs = nowMs + config.ClusterMigrationPauseMs;
            if (replication.Map.RangeOf(move.First).Owner == move.To) LogMoved(logger, move.First, move.Last, move.To, nowMs - _startedMs);
            else LogGivenUp(logger, move.First, move.Last, move.To);
        }

        foreach (var next in moves)
        {
            if (!replication.BeginHandOver(next.First, next.Last, next.To, nowMs)) continue;
            _move = next;
            _startedMs = nowMs;
            return;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Slots {First} to {Last} were handed over to {Target}; they paused for {ElapsedMs} ms")]
    private static partial void LogMoved(ILogger logger, int first, int last, string target, long elapsedMs);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Slots {First} to {Last} could not be handed over to {Target} in time, and are served here again")]
    private static partial void LogGivenUp(ILogger logger, int first, int last, string target);
}
