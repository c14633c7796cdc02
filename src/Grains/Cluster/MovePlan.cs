using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// The moves that give every silo its share, computed from the map alone: whoever asks gets the same ones, and the moves left after one of
/// them was done are the others. No more slots move than must. A giver parts with its highest slots.
/// </summary>
internal static class MovePlan
{
    /// <summary>Slots of a move at most: they stop serving at once, and have one copy less until the new owner's replicas have them.</summary>
    public const int MaxSlots = 256;

    /// <summary>All moves from the map as it is to one where every wish has come true, no slot is on a silo that leaves, and the shares of those
    /// that take part in automatic assignment are equal.</summary>
    public static IReadOnlyList<SlotMove> Of(SlotMap map)
    {
        var moves = new List<SlotMove>();
        foreach (var wish in map.Wanted) Grant(map, wish, moves);
        foreach (var leaver in map.Members.Where(member => member.State == MemberState.Leaving && map.CircleOf(member).Length > 0)) Empty(map, leaver, moves);

        // Shares are balanced when what was wished for is where it should be.
        if (!moves.Exists(move => map.CircleOf(map.Find(move.From)!).Length == 0)) Balance(map, moves);
        return moves;
    }

    private static void Balance(SlotMap map, List<SlotMove> moves)
    {
        var members = map.Members.Where(member => map.CircleOf(member).Length == 0).ToArray();
        var counts = members.ToDictionary(member => member.Silo, member => CountOf(map, member.Silo));
        var active = members.Where(member => SlotShares.TakesPart(member, map.NodeOf(member.NodeId)))
            .Select(member => (member.Silo, counts[member.Silo])).ToArray();
        if (active.Length == 0) return;
        var shares = SlotShares.Of(active, counts.Values.Sum());
        var excess = counts.Keys.Order(StringComparer.Ordinal)
            .Select(silo => (Silo: silo, Count: counts[silo] - shares.GetValueOrDefault(silo))).ToArray();
        var takers = new Stack<(string Silo, int Count)>(excess.Where(silo => silo.Count < 0).Select(silo => (silo.Silo, -silo.Count)).Reverse());
        foreach (var (giver, count) in excess.Where(silo => silo.Count > 0)) Give(map, giver, count, takers, moves);
    }

    private static void Grant(SlotMap map, SlotMove wish, List<SlotMove> moves)
    {
        foreach (var range in map.RangesOf(wish.From))
        {
            var (first, last) = (Math.Max(range.First, wish.First), Math.Min(range.Last, wish.Last));
            for (; first <= last; first += MaxSlots) moves.Add(wish with { First = first, Last = Math.Min(last, first + MaxSlots - 1) });
        }
    }

    // In a circle that nothing is balanced in, everything goes to one silo: a replica of the leaver, or whoever has the fewest slots.
    private static void Empty(SlotMap map, MapMember leaver, List<SlotMove> moves)
    {
        var heir = map.Members.Where(member => member.State == MemberState.Active && map.CircleOf(member) == map.CircleOf(leaver))
            .OrderByDescending(member => map.MasterOf(member) == leaver.NodeId)
            .ThenBy(member => map.MasterOf(member).Length > 0)
            .ThenBy(member => CountOf(map, member.Silo))
            .ThenBy(member => member.Silo, StringComparer.Ordinal)
            .FirstOrDefault();
        if (heir != null && !moves.Exists(move => move.From == leaver.Silo)) Grant(map, new SlotMove(0, map.SlotCount - 1, leaver.Silo, heir.Silo), moves);
    }

    private static int CountOf(SlotMap map, string silo) => map.RangesOf(silo).Sum(range => range.Count);

    /// <summary>
    /// The moves to make now, one between two silos at most: those whose target has a full copy of the slots, and has brought up its own
    /// replicas after the move before.
    /// </summary>
    public static IReadOnlyList<SlotMove> Next(SlotMap map) => [.. Of(map).Where(move => IsReady(map, move)).DistinctBy(move => (move.From, move.To))];

    private static bool IsReady(SlotMap map, SlotMove move)
    {
        var target = map.Find(move.To)!;
        var newest = map.RangesOf(move.To).Select(range => range.Epoch).DefaultIfEmpty().Max();
        return map.Find(move.From)!.HoldsCopy(move.To, map.RangeOf(move.First).Epoch)
            && (target.Replicas.Length == 0 || Array.Exists(target.InSync, replica => target.HoldsCopy(replica, newest)));
    }

    private static void Give(SlotMap map, string giver, int count, Stack<(string Silo, int Count)> takers, List<SlotMove> moves)
    {
        var (taker, lacking) = ("", 0);
        foreach (var range in map.RangesOf(giver).Reverse())
        {
            for (var last = range.Last; last >= range.First && count > 0;)
            {
                if (lacking == 0) (taker, lacking) = takers.Pop();
                var size = Math.Min(Math.Min(lacking, count), Math.Min(last - range.First + 1, MaxSlots));
                moves.Add(new SlotMove(last - size + 1, last, giver, taker));
                last -= size;
                lacking -= size;
                count -= size;
            }
        }

        // The next giver goes on with what this taker still lacks.
        if (lacking > 0) takers.Push((taker, lacking));
    }
}
