using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Simulation;

/// <summary>
/// The control plane in small: one map, changed by compare-and-set; failover, the choice of replicas, joins. It never fails, since grain storage keeps
/// the real one; messages to and from it do.
/// </summary>
internal sealed class SimMap(Cluster cluster)
{
    private const string End = "map";

    /// <summary>How long membership may take to say which side of a cut is dead.</summary>
    private const long VerdictUs = 4_000_000;

    private readonly Dictionary<string, (long Version, long AtUs)> _alone = [];
    private readonly Dictionary<int, string> _lostBy = [];
    private readonly HashSet<string> _gone = [];

    public SlotMap Map { get; private set; } = new(0, [], [new SlotRange(0, cluster.SlotCount - 1, null, 0)]);

    /// <summary>Takes a silo's message, and answers with the map.</summary>
    public void Send(SimSilo silo, Action message) => cluster.Network.Send(silo.Name, End, () =>
    {
        message();
        Push(silo);
    });

    /// <summary>Asks until the map has the silo in it, and from then on once in a while.</summary>
    public void Join(SimSilo silo)
    {
        if (silo.IsCrashed) return;
        silo.Run(() => Send(silo, () => Join(silo.Name)));
        cluster.World.After(silo.Replication.Map.Find(silo.Name) == null ? 100_000 : 250_000, () => Join(silo));
    }

    /// <summary>
    /// Takes a report, if it is about this very version. One that would leave its primary alone waits for proof that the last replica is out of
    /// reach: where it is not, the cut is between the two, and whom membership will declare dead may be the primary.
    /// </summary>
    public void Apply(InSyncReport report)
    {
        if (report.Version != Map.Version || Map.Find(report.Primary) is not { } primary) return;
        if (report.InSync.Any(copy => !primary.Replicas.Contains(copy.Silo))) return;
        if (report.InSync.Count > 0 || primary.InSync.Length == 0) Set(report);
        else Probe(report, primary.InSync);
    }

    public void Apply(MoveReport report)
    {
        if (report.Version != Map.Version || Map.Find(report.Primary) is not { } primary || Map.Find(report.Target) == null) return;
        var owners = OwnersNow();
        for (var slot = report.First; slot <= report.Last; slot++)
        {
            if (owners[slot].Owner != report.Primary || !primary.HoldsCopy(report.Target, owners[slot].Epoch)) return;
            owners[slot] = (report.Target, Map.Version + 1);
        }

        Change(Map.Members, owners);
    }

    /// <summary>Membership says that a silo is dead, rightly or wrongly: its slots go to replicas with full copies, or to nobody.</summary>
    public void DeclareDead(string silo)
    {
        if (Map.Find(silo) is not { } dead) return;
        _gone.Add(silo);
        cluster.World.Note($"map: {silo} is declared dead");
        var owners = OwnersNow();
        string[] candidates = [.. dead.InSync.Where(name => !_gone.Contains(name) && Map.Find(name) != null)];
        for (var slot = 0; slot < owners.Length; slot++)
        {
            if (owners[slot].Owner != silo) continue;
            var heir = candidates.FirstOrDefault(name => dead.HoldsCopy(name, owners[slot].Epoch));
            owners[slot] = (heir, Map.Version + 1);
            if (heir == null) Lose(slot, silo);
        }

        Change([.. Map.Members.Where(member => member != dead)], owners);
    }

    /// <summary>Orders a random owner to hand a random slot to a replica in sync.</summary>
    public void MoveSomething()
    {
        var random = cluster.World.Random;
        var range = Map.Ranges[random.Next(Map.Ranges.Length)];
        if (range.Owner == null || Map.Find(range.Owner) is not { InSync.Length: > 0 } owner) return;
        Move(random.Next(range.First, range.Last + 1), owner.Silo, owner.InSync[random.Next(owner.InSync.Length)]);
    }

    /// <summary>Orders an owner to hand a slot over.</summary>
    public void Move(int slot, string owner, string target) => cluster.Network.Send(
        End, owner, () => cluster.Deliver(owner, silo => silo.Replication.BeginHandOver(slot, slot, target, silo.NowMs)));

    private void Probe(InSyncReport report, string[] replicas)
    {
        var sinceUs = _alone.TryGetValue(report.Primary, out var first) && first.Version == report.Version ? first.AtUs : cluster.World.NowUs;
        _alone[report.Primary] = (report.Version, sinceUs);
        var isReached = false;
        foreach (var replica in replicas)
        {
            for (var probe = 0; probe < 3; probe++)
            {
                cluster.World.After(probe * 50_000, () => cluster.Network.Send(
                    End, replica, () => cluster.Deliver(replica, silo => cluster.Network.Send(replica, End, () => isReached = true))));
            }
        }

        cluster.World.After(300_000, () =>
        {
            if (!isReached || cluster.World.NowUs - sinceUs > VerdictUs) Set(report);
        });
    }

    private void Set(InSyncReport report)
    {
        if (report.Version != Map.Version || Map.Find(report.Primary) is not { } primary) return;
        var changed = primary with
        {
            InSync = [.. report.InSync.Select(copy => copy.Silo)],
            SyncedThrough = [.. report.InSync.Select(copy => copy.Through)],
        };
        Change([.. Map.Members.Select(member => member == primary ? changed : member)], OwnersNow());
    }

    private void Join(string silo)
    {
        if (_gone.Contains(silo) || Map.Find(silo) != null) return;
        var node = NodeOf(silo);

        // That the process started again proves that the earlier one is gone, and only that does: slots nobody has are not given to others.
        foreach (var earlier in Map.Members.Where(member => NodeOf(member.Silo) == node).ToArray()) DeclareDead(earlier.Silo);
        var owners = OwnersNow();
        for (var slot = 0; slot < owners.Length; slot++)
        {
            if (owners[slot].Owner != null) continue;
            if (Map.Version > 0 && !(_lostBy.TryGetValue(slot, out var by) && NodeOf(by) == node)) continue;
            owners[slot] = (silo, Map.Version + 1);
            if (_lostBy.Remove(slot)) cluster.Checker.OnLost(slot);
        }

        var me = new MapMember { Silo = silo, NodeId = node, Endpoint = new NodeEndpoint(node, 0) };
        Change([.. Map.Members, me], owners);
    }

    private void Lose(int slot, string by)
    {
        cluster.World.Note($"map: nobody has slot {slot}");
        _lostBy[slot] = by;
    }

    private void Change(MapMember[] members, (string? Owner, long Epoch)[] owners)
    {
        var ranges = new List<SlotRange>();
        for (var slot = 0; slot < owners.Length; slot++)
        {
            var (owner, epoch) = owners[slot];
            if (ranges.Count > 0 && ranges[^1].Owner == owner && ranges[^1].Epoch == epoch) ranges[^1] = ranges[^1] with { Last = slot };
            else ranges.Add(new SlotRange(slot, slot, owner, epoch));
        }

        string[] names = [.. members.Select(member => member.Silo)];
        Map = new SlotMap(Map.Version + 1, [.. members.Select(member => WithReplicas(member, names))], [.. ranges]);
        cluster.World.Note($"map {Map.Version}: {Describe()}");
        foreach (var name in names) cluster.Deliver(name, Push);
    }

    /// <summary>Keeps the replicas that are there, and adds those that come next in the list, up to the number wanted.</summary>
    private MapMember WithReplicas(MapMember member, string[] names)
    {
        var at = Array.IndexOf(names, member.Silo);
        var replicas = member.Replicas.Where(names.Contains).ToList();
        for (var i = 1; i < names.Length && replicas.Count < cluster.ReplicaCount; i++)
        {
            var candidate = names[(at + i) % names.Length];
            if (!replicas.Contains(candidate)) replicas.Add(candidate);
        }

        var inSync = member.InSync.Where(replicas.Contains).ToArray();
        return member with
        {
            Replicas = [.. replicas],
            InSync = inSync,
            SyncedThrough = [.. inSync.Select(silo => member.SyncedThrough[Array.IndexOf(member.InSync, silo)])],
        };
    }

    private void Push(SimSilo silo)
    {
        var map = Map;
        cluster.Network.Send(End, silo.Name, () => silo.Run(() => silo.Replication.OnMap(map, silo.NowMs)));
    }

    private (string? Owner, long Epoch)[] OwnersNow() =>
        [.. Map.Ranges.SelectMany(range => Enumerable.Repeat((range.Owner, range.Epoch), range.Count))];

    private static string NodeOf(string silo) => silo[..silo.IndexOf('.', StringComparison.Ordinal)];

    private string Describe() => string.Join("; ", Map.Members.Select(member =>
    {
        var slots = string.Join(',', Map.RangesOf(member.Silo).Select(range => $"{range.First}-{range.Last}@{range.Epoch}"));
        var inSync = string.Join(',', member.InSync.Select((silo, i) => $"{silo}/{member.SyncedThrough[i]}"));
        return $"{member.Silo} [{slots}] in sync [{inSync}]";
    }));
}
