using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// Who keeps copies of whom. Every silo has its replicas on other silos that stay, in another zone where there is one, and every silo is a
/// replica of about as many others. A silo whose copies are complete is replaced by adding its successor and waiting for that to be in
/// sync: of the replicas of a silo the last ones, as many as there should be, are those to keep, and the ones before them the surplus.
/// Copies that are complete are moved for balance one at a time over the whole cluster.
///
/// Slots move to a replica, so the silo that slots are to move to becomes one of the surplus for the time: one at a time for each giver,
/// and for one giver at a time, since it copies everything that the giver has.
///
/// Only members of one circle keep copies of each other. Who was told to replicate a node counts first among those to keep, and is
/// given no replicas of its own as long as it has no slots.
/// </summary>
internal static class ReplicaPlan
{
    public static void Assign(MapDraft draft, MapRules rules)
    {
        foreach (var silo in draft.Members.Select(member => member.Silo).ToArray()) Fill(draft, rules, silo);
        ReleaseKeepers(draft, rules);
        var moves = MovePlan.Of(draft.ToMap());
        var targets = moves.Concat(draft.Wanted).ToLookup(move => move.From, move => move.To);
        RemoveSurplus(draft, rules, targets);
        AddTargets(draft, rules, moves.ToLookup(move => move.From, move => move.To));
        while (FindSwap(draft, rules) is { } swap)
        {
            draft.Set(swap.Primary with { Replicas = [swap.Worse, .. swap.Primary.Replicas.Where(other => other != swap.Worse), swap.Better] });
            RemoveSurplus(draft, rules, targets);
        }
    }

    /// <summary>Whether <paramref name="replica"/> has everything acknowledged in all slots that the primary has now.</summary>
    public static bool IsComplete(MapDraft draft, MapMember primary, string replica) =>
        primary.HoldsCopy(replica, draft.NewestEpochOf(primary.Silo));

    private static void Fill(MapDraft draft, MapRules rules, string silo)
    {
        foreach (var told in ToldToReplicate(draft, draft.Find(silo)!))
            if (!draft.Find(silo)!.Replicas.Contains(told)) draft.Set(draft.Find(silo)!.WithReplica(told));
        while (draft.Find(silo)! is var primary && Kept(draft, rules, primary).Length < Wanted(draft, rules, primary))
        {
            var best = Candidates(draft, primary)
                .OrderBy(candidate => ZoneCost(draft, rules, primary, candidate))
                .ThenBy(candidate => Load(draft, rules, candidate.Silo))
                .ThenBy(candidate => string.CompareOrdinal(candidate.Silo, silo) < 0)
                .ThenBy(candidate => candidate.Silo, StringComparer.Ordinal)
                .First();
            draft.Set(primary.WithReplica(best.Silo));
        }
    }

    /// <summary>
    /// A surplus replica goes when it has nothing to lose, or when all that are kept have everything. Where too few stay, a leaver keeps its
    /// copies as long as it has slots itself.
    /// </summary>
    private static void RemoveSurplus(MapDraft draft, MapRules rules, ILookup<string, string> targets)
    {
        foreach (var member in draft.Members.ToArray())
        {
            var kept = Kept(draft, rules, member);
            var areKeptComplete = Array.TrueForAll(kept, replica => IsComplete(draft, member, replica));
            foreach (var replica in member.Replicas.Except(kept))
            {
                if (targets[member.Silo].Contains(replica) || draft.Keeps(replica, member.Silo)) continue;
                if (kept.Length < rules.Replicas && draft.CountOf(replica) > 0 && !OnlyReplicates(draft, member)) continue;
                if (areKeptComplete || !member.InSync.Contains(replica)) draft.Set(draft.Find(member.Silo)!.Without(replica));
            }
        }
    }

    /// <summary>Nobody has to keep what all replicas that are to stay have copies of. Where too few stay, a leaver does while it has slots itself.</summary>
    private static void ReleaseKeepers(MapDraft draft, MapRules rules)
    {
        foreach (var range in draft.ToMap().Ranges.Where(range => range.KeptBy is { } keeper && keeper != range.Owner))
        {
            var owner = draft.Find(range.Owner!)!;
            var kept = Kept(draft, rules, owner);
            var keeper = draft.Find(range.KeptBy!);
            var isNeeded = kept.Length < rules.Replicas && keeper is { State: MemberState.Leaving } && draft.CountOf(keeper.Silo) > 0;
            var areKeptComplete = Array.TrueForAll(kept, replica => owner.HoldsCopy(replica, range.Epoch));
            if (keeper != null && (isNeeded || !areKeptComplete)) continue;
            for (var slot = range.First; slot <= range.Last; slot++) draft.SetKeeper(slot, null);
        }
    }

    private static void AddTargets(MapDraft draft, MapRules rules, ILookup<string, string> targets)
    {
        var busy = draft.Members.SelectMany(giver => giver.Replicas.Except(Kept(draft, rules, giver)).Intersect(targets[giver.Silo])).ToHashSet();
        foreach (var giver in targets)
        {
            var primary = draft.Find(giver.Key)!;
            if (giver.Any(primary.Replicas.Contains) || giver.FirstOrDefault(target => !busy.Contains(target)) is not { } target) continue;
            draft.Set(primary with { Replicas = [target, .. primary.Replicas] });
            busy.Add(target);
        }
    }

    private static (MapMember Primary, string Worse, string Better)? FindSwap(MapDraft draft, MapRules rules)
    {
        var loads = draft.Members.ToDictionary(member => member.Silo, member => Load(draft, rules, member.Silo));
        var isMoving = draft.Members.Any(member => member.Replicas.Length > Kept(draft, rules, member).Length);
        foreach (var primary in draft.Members)
        {
            foreach (var replica in Kept(draft, rules, primary))
            {
                if (ToldToReplicate(draft, primary).Contains(replica)) continue;
                if (primary.Replicas.Length > Wanted(draft, rules, primary) || (isMoving && primary.InSync.Contains(replica))) continue;
                var cost = ZoneCost(draft, rules, primary, draft.Find(replica)!, replica);
                var better = Candidates(draft, primary)
                    .Select(candidate => (candidate.Silo, Cost: ZoneCost(draft, rules, primary, candidate, replica)))
                    .Where(other => other.Cost < cost || (other.Cost == cost && loads[other.Silo] + 2 <= loads[replica]))
                    .OrderBy(other => other.Cost).ThenBy(other => loads[other.Silo])
                    .FirstOrDefault();
                if (better.Silo != null) return (primary, replica, better.Silo);
            }
        }

        return null;
    }

    private static IEnumerable<MapMember> Candidates(MapDraft draft, MapMember primary) => draft.Members.Where(other =>
        MayKeep(draft, primary, other) && !primary.Replicas.Contains(other.Silo));

    private static bool MayKeep(MapDraft draft, MapMember primary, MapMember other) =>
        other.State == MemberState.Active && other.Silo != primary.Silo && draft.HaveMet(primary, other);

    /// <summary>The silos whose operator has made them replicas of a member.</summary>
    private static string[] ToldToReplicate(MapDraft draft, MapMember primary) =>
    [
        .. draft.Members.Where(other => MayKeep(draft, primary, other) && draft.NodeOf(other).Master == primary.NodeId).Select(other => other.Silo),
    ];

    private static bool OnlyReplicates(MapDraft draft, MapMember member) =>
        draft.NodeOf(member).Master.Length > 0 && draft.CountOf(member.Silo) == 0;

    private static int Wanted(MapDraft draft, MapRules rules, MapMember primary)
    {
        if (OnlyReplicates(draft, primary)) return 0;
        var possible = Math.Min(rules.Replicas, draft.Members.Count(other => MayKeep(draft, primary, other)));
        return Math.Max(possible, ToldToReplicate(draft, primary).Length);
    }

    private static string[] Kept(MapDraft draft, MapRules rules, MapMember primary)
    {
        var told = ToldToReplicate(draft, primary);
        var others = primary.Replicas.Where(replica => !told.Contains(replica) && draft.Find(replica) is { } member && MayKeep(draft, primary, member));
        return [.. told.Intersect(primary.Replicas), .. others.TakeLast(Wanted(draft, rules, primary) - told.Length)];
    }

    /// <summary>The silos that a silo is, and will remain, a replica of.</summary>
    private static int Load(MapDraft draft, MapRules rules, string silo) =>
        draft.Members.Count(primary => primary.Replicas.Contains(silo) && Kept(draft, rules, primary).Contains(silo));

    /// <summary>What is wrong with a replica's zone: that of the primary counts more than that of another replica to keep.</summary>
    /// <param name="draft">The map.</param>
    /// <param name="rules">How many are kept.</param>
    /// <param name="primary">Whose copies.</param>
    /// <param name="candidate">Who would keep them.</param>
    /// <param name="inPlaceOf">The replica that would not be kept, or null.</param>
    private static int ZoneCost(MapDraft draft, MapRules rules, MapMember primary, MapMember candidate, string? inPlaceOf = null)
    {
        var others = Kept(draft, rules, primary).Where(replica => replica != inPlaceOf && replica != candidate.Silo);
        return (candidate.Zone == primary.Zone ? rules.Replicas + 1 : 0) + others.Count(other => draft.Find(other)!.Zone == candidate.Zone);
    }
}
