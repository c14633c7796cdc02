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

    /// <summary>All moves from the map as it is to a balanced one, with no slot on a silo that leaves.</summary>
    public static IReadOnlyList<SlotMove> Of(SlotMap map)
    {
        var counts = map.Members.ToDictionary(member => member.Silo, member => map.RangesOf(member.Silo).Sum(range => range.Count));
        var active = map.Members.Where(member => member.State == MemberState.Active).Select(member => (member.Silo, counts[member.Silo])).ToArray();
        if (active.Length == 0) return [];
        var shares = SlotShares.Of(active, counts.Values.Sum());
        var excess = counts.Keys.Order(StringComparer.Ordinal)
            .Select(silo => (Silo: silo, Count: counts[silo] - shares.GetValueOrDefault(silo))).ToArray();
        var takers = new Stack<(string Silo, int Count)>(excess.Where(silo => silo.Count < 0).Select(silo => (silo.Silo, -silo.Count)).Reverse());
        var moves = new List<SlotMove>();
        foreach (var (giver, count) in excess.Where(silo => silo.Count > 0)) Give(map, giver, count, takers, moves);
        return moves;
    }

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
