using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>
/// A cluster that does what the map says, with a counter in some slots for data. A write goes to the primary, to those of its replicas that
/// are in sync and to those it has reported; then it is acknowledged. Reports arrive at once, late, twice or never.
/// </summary>
/// <param name="random">What happens.</param>
/// <param name="hasZones">Whether silos are in several zones.</param>
/// <param name="hasOrders">Whether operators give orders, too, and some nodes start alone.</param>
internal sealed class MapModel(Random random, bool hasZones = true, bool hasOrders = false)
{
    private const int Stride = 61;

    private readonly Dictionary<(string Silo, int Slot), int> _copies = [];
    private readonly Dictionary<int, int> _acknowledged = [];
    private readonly List<MapEvent.Reported> _reports = [];
    private int _generation;

    public MapRules Rules { get; } = new() { Replicas = random.Next(1, 4), InitialSilos = random.Next(1, 4) };

    public SlotMap Map { get; private set; } = SlotMap.Empty;

    /// <summary>A move is about to be made.</summary>
    public event Action<SlotMove>? Moving;

    /// <summary>A slot that was lost, now or earlier, is given to an owner that has nothing of it; with the map before.</summary>
    public event Action<SlotMap, int>? BegunEmpty;

    private static IEnumerable<int> Slots => Enumerable.Range(0, SlotHash.SlotCount / Stride).Select(index => index * Stride);

    public void Step()
    {
        for (var write = 0; write < 20; write++) Write(random.Next(SlotHash.SlotCount / Stride) * Stride);
        if (hasOrders && random.Next(2) == 0) Apply(Order());
        switch (random.Next(20))
        {
            case < 4: JoinOne(); break;
            case 4: Die(random.Next(1, 3)); break;
            case 5: Apply(new MapEvent.Leaving(AnySilo())); break;
            case < 12: Report(); break;
            case < 14 when _reports.Count > 0: Apply(_reports[random.Next(_reports.Count)]); break;
            case 14: Drop(); break;
            case 15: TakeOver(); break;
            default: MoveOne(); break;
        }
    }

    /// <summary>All moves are done and all replicas get in sync, until there is nothing left to do.</summary>
    public void Settle()
    {
        for (var isBusy = true; isBusy;)
        {
            isBusy = false;
            foreach (var (primary, replica) in Pairs().Where(pair => !IsComplete(pair)).ToArray())
            {
                isBusy = true;
                Report(primary, replica);
            }

            if (MovePlan.Next(Map) is { Count: > 0 } moves)
            {
                isBusy = true;
                Move(moves[random.Next(moves.Count)]);
            }

            // Who leaves asks until it is gone.
            foreach (var leaver in Map.Members.Where(member => member.State == MemberState.Leaving).ToArray())
            {
                var before = Map;
                Apply(new MapEvent.Leaving(leaver.Silo));
                isBusy |= Map != before;
            }
        }
    }

    public void Apply(MapEvent happened)
    {
        var before = Map;
        Map = SlotMapPlanner.Apply(before, happened, Rules);
        foreach (var slot in Slots) Check(before, slot, happened);
    }

    private void Check(SlotMap before, int slot, MapEvent happened)
    {
        var (was, now) = (before.RangeOf(slot), Map.RangeOf(slot));
        if (was.Owner == now.Owner) return;
        if (was.Owner is null)
        {
            // New, or given away by the operator, or to the node that lost it: whatever there was is given up.
            Assert.True(was.Epoch == 0 || happened is MapEvent.TakenOver or MapEvent.Assigned || Map.Find(now.Owner!)!.NodeId == was.LostBy);
            BeginEmpty(slot, now.Owner!);
            if (was.LostBy is not null) BegunEmpty?.Invoke(before, slot);
        }
        else if (now.Owner is null && happened is MapEvent.Released or MapEvent.Reset)
        {
            Assert.True(happened is MapEvent.Reset reset ? reset.Silo == was.Owner : ((MapEvent.Released)happened).Slots.Contains(slot));
        }
        else if (now.Owner is null)
        {
            AssertNobodyHolds(before, was);
        }
        else if (happened is MapEvent.Joined joined && now.Owner == joined.Member.Silo)
        {
            // It is its node's last incarnation that had the only copy, and is gone by this.
            Assert.Equal(before.Find(was.Owner)!.NodeId, joined.Member.NodeId);
            AssertNobodyHolds(before, was);
            BeginEmpty(slot, now.Owner);
            BegunEmpty?.Invoke(before, slot);
        }
        else
        {
            Assert.Equal(_acknowledged[slot], _copies.GetValueOrDefault((now.Owner, slot), -1));
        }
    }

    private void AssertNobodyHolds(SlotMap before, SlotRange was)
    {
        var copies = before.Find(was.Owner!)!.InSync.Where(copy => before.Find(was.Owner!)!.HoldsCopy(copy, was.Epoch));
        Assert.DoesNotContain(copies.Append(was.KeptBy), copy => copy != null && Map.Find(copy) != null);
    }

    private void BeginEmpty(int slot, string owner)
    {
        _acknowledged[slot] = 0;
        _copies[(owner, slot)] = 0;
    }

    private void Write(int slot)
    {
        if (Map.RangeOf(slot).Owner is not { } owner || Map.Find(owner) is not { } primary) return;
        var value = _acknowledged[slot] + 1;
        _acknowledged[slot] = value;
        _copies[(owner, slot)] = value;
        var reported = _reports.Where(report => report.Primary == owner && report.Version == Map.Version)
            .SelectMany(report => report.Copies).Select(copy => copy.Silo);
        foreach (var replica in primary.InSync.Union(Map.KeepersOf(owner)).Union(reported))
        {
            // A write to a slot that the replica has no copy of does not make one.
            if (_copies.ContainsKey((replica, slot))) _copies[(replica, slot)] = value;
        }
    }

    private void JoinOne()
    {
        var zone = hasZones ? "xyz".Substring(random.Next(3), 1) : "";
        Apply(new MapEvent.Joined(MapTranscript.Member($"{(char)('A' + random.Next(7))}@{++_generation}", zone) with { StartsAlone = hasOrders && random.Next(2) == 0 }));
    }

    private MapEvent Order()
    {
        var (silo, other) = (AnySilo(), AnySilo());
        var first = random.Next(SlotHash.SlotCount);
        var owner = Map.RangeOf(first).Owner ?? silo;
        int[] slots = [.. Enumerable.Range(first, random.Next(1, Math.Min(500, SlotHash.SlotCount - first)))];
        return random.Next(12) switch
        {
            < 3 => new MapEvent.Met(silo, other),
            3 => new MapEvent.Forgotten(MapTranscript.NodeId(other)),
            4 => new MapEvent.Reset(silo, random.Next(2) == 0 ? MapTranscript.NodeId("N") + _generation : null),
            5 => new MapEvent.Assigned(silo, slots),
            6 => new MapEvent.Released(owner, [.. slots.TakeWhile(slot => Map.RangeOf(slot).Owner == owner)]),
            7 or 8 => new MapEvent.Wished(new SlotMove(first, Math.Min(first + random.Next(300), Map.RangeOf(first).Last), owner, other)),
            9 => new MapEvent.Pinned(silo, MapTranscript.NodeId(other)),
            10 => new MapEvent.FailedOver(silo),
            _ => random.Next(2) == 0 ? new MapEvent.Kept(first) : new MapEvent.Rested(),
        };
    }

    private void Die(int count) => Apply(new MapEvent.Died([.. Enumerable.Range(0, count).Select(_ => AnySilo()).Distinct()]));

    private void Report()
    {
        var pairs = Pairs().ToArray();
        if (pairs.Length == 0) return;
        var (primary, replica) = pairs[random.Next(pairs.Length)];
        Report(primary, replica, isLate: random.Next(4) == 0);
    }

    /// <summary>The primary sends the replica all it has, and reports it.</summary>
    private void Report(string primary, string replica, bool isLate = false)
    {
        if (Map.Find(primary) is not { } entry || !entry.Replicas.Contains(replica)) return;
        foreach (var slot in Slots.Where(slot => Map.RangeOf(slot).Owner == primary)) _copies[(replica, slot)] = _copies[(primary, slot)];
        var newest = Map.RangesOf(primary).Select(range => range.Epoch).DefaultIfEmpty().Max();
        var others = Copies(entry).Where(copy => copy.Silo != replica);
        var report = new MapEvent.Reported(primary, [.. others, new SyncedCopy(replica, newest)], Map.Version);
        _reports.Add(report);
        if (!isLate) Apply(report);
    }

    private void Drop()
    {
        if (Map.Find(AnySilo()) is not { } primary) return;
        Apply(new MapEvent.Reported(primary.Silo, [.. Copies(primary).Skip(1)], Map.Version));
    }

    /// <summary>What a primary reports if it changes nothing.</summary>
    private IEnumerable<SyncedCopy> Copies(MapMember primary) =>
        primary.InSync.Zip(primary.SyncedThrough, (silo, through) => new SyncedCopy(silo, through))
            .Concat(Map.KeepersOf(primary.Silo).Except(primary.InSync).Select(keeper => new SyncedCopy(keeper, -1)))
            .OrderBy(_ => random.Next());

    private void TakeOver()
    {
        var first = random.Next(SlotHash.SlotCount);
        Apply(new MapEvent.TakenOver(first, random.Next(first, SlotHash.SlotCount), AnySilo()));
    }

    private void MoveOne()
    {
        var moves = MovePlan.Next(Map);
        if (moves.Count > 0) Move(moves[random.Next(moves.Count)]);
    }

    private void Move(SlotMove move)
    {
        Moving?.Invoke(move);
        Apply(new MapEvent.Moved(move, Map.Version));
    }

    private IEnumerable<(string Primary, string Replica)> Pairs() =>
        Map.Members.SelectMany(member => member.Replicas.Select(replica => (member.Silo, replica)));

    private bool IsComplete((string Primary, string Replica) pair) =>
        Map.Find(pair.Primary)!.HoldsCopy(pair.Replica, Map.RangesOf(pair.Primary).Select(range => range.Epoch).DefaultIfEmpty().Max());

    private string AnySilo() => Map.Members.Length == 0 ? "A@1" : Map.Members[random.Next(Map.Members.Length)].Silo;
}
