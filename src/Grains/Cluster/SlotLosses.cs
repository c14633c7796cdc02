using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>Slots whose content is gone, and whom it concerns.</summary>
/// <param name="Slots">Their ranges, ascending: 0-5460 10923.</param>
/// <param name="Silo">The incarnation that had the last copy, or the one that begins without.</param>
/// <param name="NodeId">Its node.</param>
internal readonly record struct SlotLoss(string Slots, string Silo, string NodeId);

/// <summary>
/// What a step from one map to the next says of content that is gone, for the log. Slots that were given up by an operator's order are not lost.
/// </summary>
internal static class SlotLosses
{
    /// <summary>Slots whose owner is gone while nobody else had a copy; one entry an owner.</summary>
    public static IReadOnlyList<SlotLoss> Lost(SlotMap before, SlotMap after) =>
        Find(before, after, (was, now) => IsLost(before, after, was, now) ? before.Find(was.Owner!) : null);

    /// <summary>Slots that were lost, now or earlier, and begin empty; one entry an owner.</summary>
    public static IReadOnlyList<SlotLoss> GivenEmpty(SlotMap before, SlotMap after) =>
        Find(before, after, (was, now) => (was.Owner is null ? was.LostBy is not null : IsLost(before, after, was, now)) && now.Owner is { } owner
            ? after.Find(owner)
            : null);

    // Who was no member when the owner died has no copy: it gets its node's slots for being the node's next process.
    private static bool IsLost(SlotMap before, SlotMap after, SlotRange was, SlotRange now) =>
        was.Owner is not null && after.Find(was.Owner) is null && (now.Owner is null || before.Find(now.Owner) is null);

    private static SlotLoss[] Find(SlotMap before, SlotMap after, Func<SlotRange, SlotRange, MapMember?> concerns)
    {
        var found = new Dictionary<(string Silo, string NodeId), List<(int First, int Last)>>();
        for (var first = 0; first < before.SlotCount;)
        {
            var (was, now) = (before.RangeOf(first), after.RangeOf(first));
            var last = Math.Min(was.Last, now.Last);
            if (concerns(was, now) is { } member)
            {
                var key = (member.Silo, member.NodeId);
                if (!found.TryGetValue(key, out var ranges)) found.Add(key, ranges = []);
                if (ranges.Count > 0 && ranges[^1].Last == first - 1) ranges[^1] = (ranges[^1].First, last);
                else ranges.Add((first, last));
            }

            first = last + 1;
        }

        return [.. found.Select(entry => new SlotLoss(string.Join(' ', entry.Value.Select(Text)), entry.Key.Silo, entry.Key.NodeId))];
    }

    private static string Text((int First, int Last) range) => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}";
}
