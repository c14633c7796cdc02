using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>How many slots each silo should have: as many as the others, give or take one.</summary>
internal static class SlotShares
{
    /// <summary>
    /// The share of each silo of <paramref name="counts"/>, which tells what it has now, in <paramref name="total"/> slots. One that has more
    /// than the least share keeps the odd one, so that few move; and since neither givers nor takers cross their shares on the way, these
    /// stay the same while moves are done in any order.
    /// </summary>
    public static Dictionary<string, int> Of(IReadOnlyCollection<(string Silo, int Count)> counts, int total)
    {
        if (counts.Count == 0) return [];
        var (least, odd) = Math.DivRem(total, counts.Count);
        return counts
            .OrderByDescending(silo => silo.Count > least)
            .ThenBy(silo => silo.Silo, StringComparer.Ordinal)
            .Select((silo, index) => (silo.Silo, Share: index < odd ? least + 1 : least))
            .ToDictionary(share => share.Silo, share => share.Share);
    }

    /// <summary>Whether a member takes part: it stays, and no operator has put it elsewhere or made it a replica.</summary>
    public static bool TakesPart(MapMember member, MapNode? node) => member.State == MemberState.Active && node is null or { Circle: "", Master: "" };

    /// <summary>
    /// Assigns the slots that never had an owner, once there are enough silos: in contiguous ranges, to each silo what it lacks of its share.
    /// </summary>
    public static void AssignNew(MapDraft draft, MapRules rules)
    {
        var unassigned = Enumerable.Range(0, draft.SlotCount).Where(draft.IsUnassigned).ToArray();
        var counts = draft.Members.Where(member => TakesPart(member, draft.NodeOf(member)))
            .Select(member => (member.Silo, Count: draft.CountOf(member.Silo))).ToArray();
        if (unassigned.Length == 0 || counts.Length < Math.Max(1, rules.InitialSilos)) return;

        var shares = Of(counts, counts.Sum(silo => silo.Count) + unassigned.Length);
        var next = 0;
        foreach (var (silo, count) in counts)
        {
            for (var missing = shares[silo] - count; missing > 0 && next < unassigned.Length; missing--)
                draft.SetOwner(unassigned[next++], silo);
        }
    }
}
