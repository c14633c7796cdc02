using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Simulation;

/// <summary>
/// The control plane: the slot map's planner and what guards it, as the map's grain has them, with one map that is changed by compare-and-set. It
/// never fails, since grain storage keeps the real one; messages to and from it do.
/// </summary>
internal sealed class SimMap
{
    private const string End = "map";

    private readonly Cluster _cluster;
    private readonly LastReplicaGuard _guard;
    private readonly HashSet<string> _gone = [];

    public SimMap(Cluster cluster)
    {
        _cluster = cluster;
        _guard = new LastReplicaGuard(End, Ping);
        Map = new(0, [], [new SlotRange(0, cluster.SlotCount - 1, null, 0)]);
    }

    public SlotMap Map { get; private set; }

    /// <summary>The last move that took effect.</summary>
    public MoveReport? LastMove { get; private set; }

    private MapRules Rules => new() { Replicas = _cluster.ReplicaCount };

    /// <summary>Takes a silo's message, and answers with the map.</summary>
    public void Send(SimSilo silo, Action message) => _cluster.Network.Send(silo.Name, End, () =>
    {
        message();
        Push(silo);
    });

    /// <summary>Asks until the map has the silo in it, and from then on once in a while.</summary>
    public void Join(SimSilo silo)
    {
        if (silo.IsCrashed) return;
        silo.Run(() => Send(silo, () => Join(silo.Name)));
        _cluster.World.After(silo.Replication.Map.Find(silo.Name) == null ? 100_000 : 250_000, () => Join(silo));
    }

    public void Apply(InSyncReport report)
    {
        SyncedCopy[] copies = [.. report.InSync];
        if (report.Version == Map.Version && _guard.Allows(Map, report.Primary, copies, _cluster.World.NowUs / 1000))
            Change(new MapEvent.Reported(report.Primary, copies, report.Version));
    }

    public void Apply(MoveReport report)
    {
        var before = Map;
        Change(new MapEvent.Moved(new SlotMove(report.First, report.Last, report.Primary, report.Target), report.Version));
        if (Map != before) LastMove = report;
    }

    /// <summary>Membership says that a silo is dead, rightly or wrongly: its slots go to replicas with full copies, or to nobody.</summary>
    public void DeclareDead(string silo)
    {
        if (!_gone.Add(silo)) return;
        _cluster.World.Note($"map: {silo} is declared dead");
        Change(new MapEvent.Died(silo));
    }

    /// <summary>A silo is told to hand over what it has, and go.</summary>
    public void Leave(string silo) => Change(new MapEvent.Leaving(silo));

    /// <summary>Orders a random owner to hand a random slot to a replica in sync.</summary>
    public void MoveSomething()
    {
        var random = _cluster.World.Random;
        var range = Map.Ranges[random.Next(Map.Ranges.Length)];
        if (range.Owner == null || Map.Find(range.Owner) is not { InSync.Length: > 0 } owner) return;
        Move(random.Next(range.First, range.Last + 1), owner.Silo, owner.InSync[random.Next(owner.InSync.Length)]);
    }

    /// <summary>Orders an owner to hand a slot over.</summary>
    public void Move(int slot, string owner, string target) => _cluster.Network.Send(
        End, owner, () => _cluster.Deliver(owner, silo => silo.Replication.BeginHandOver(slot, slot, target, silo.NowMs)));

    /// <summary>Whether every silo has its share.</summary>
    public bool IsBalanced => MovePlan.Of(Map).Count == 0;

    private void Ping(string silo, Action reached)
    {
        for (var probe = 0; probe < 3; probe++)
        {
            _cluster.World.After(probe * 30_000, () => _cluster.Network.Send(
                End, silo, () => _cluster.Deliver(silo, pinged => _cluster.Network.Send(silo, End, reached))));
        }
    }

    /// <summary>The silo's process wants to be a member. One that was declared dead never is again; and one that starts proves the last one dead.</summary>
    private void Join(string silo)
    {
        if (_gone.Contains(silo))
        {
            // Who was declared dead before it joined learns it from no map: membership tells it.
            _cluster.Deliver(silo, to =>
            {
                if (to.Replication.Map.Find(silo) == null) _cluster.Restart(to);
            });
            return;
        }

        if (Map.Find(silo) != null) return;
        var node = silo[..silo.IndexOf('@', StringComparison.Ordinal)];
        foreach (var earlier in Map.Members.Where(member => member.NodeId == node)) _gone.Add(earlier.Silo);
        var before = Map;
        Change(new MapEvent.Joined(new MapMember { Silo = silo, NodeId = node, Endpoint = new NodeEndpoint(node, 0) }));
        for (var slot = 0; slot < _cluster.SlotCount; slot++)
        {
            // Its own last incarnation may have had the last copy, and be gone by this very event.
            var (was, now) = (before.RangeOf(slot), Map.RangeOf(slot));
            if (was.Epoch > 0 && now.Owner == silo) _cluster.Checker.OnLost(slot);
        }
    }

    private void Change(MapEvent happened)
    {
        var before = Map;
        Map = SlotMapPlanner.Apply(before, happened, Rules);
        if (Map == before) return;
        _cluster.World.Note($"map {Map.Version}: {Describe()}");
        foreach (var range in Map.Ranges)
            if (range.LostBy != null && range.Epoch == Map.Version) _cluster.World.Note($"map: nobody has slots {range.First}-{range.Last}");
        foreach (var member in Map.Members) _cluster.Deliver(member.Silo, Push);
    }

    private void Push(SimSilo silo)
    {
        var map = Map;
        _cluster.Network.Send(End, silo.Name, () => silo.Run(() => silo.Replication.OnMap(map, silo.NowMs)));
    }

    private string Describe() => string.Join("; ", Map.Members.Select(member =>
    {
        var slots = string.Join(',', Map.RangesOf(member.Silo).Select(range => $"{range.First}-{range.Last}@{range.Epoch}{(range.KeptBy == null ? "" : $"+{range.KeptBy}")}"));
        var inSync = string.Join(',', member.InSync.Select((silo, i) => $"{silo}/{member.SyncedThrough[i]}"));
        return $"{member.Silo} [{slots}] in sync [{inSync}]";
    }));
}
