using System.Globalization;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// The slot map as a state machine: a map and an event in, the next map out, or the same where the event changes nothing or comes too late.
/// Nothing here waits, asks the time or draws lots, so that two activations of the map's grain that see the same do the same.
///
/// What it rests on:
/// <list type="bullet">
/// <item>A death gives slots to a silo that has everything acknowledged in them, a move to one that has been sent their content. Slots that
/// nobody has go to the next incarnation of the node that lost them, or where an operator wants them. A silo that joins gets other slots
/// at once only where they never had an owner; its share of the rest is for <see cref="MovePlan"/>.</item>
/// <item>Who moves slots away keeps them until the new owner's replicas have copies (<see cref="SlotRange.KeptBy"/>).</item>
/// <item>A silo that inherits slots has replicas of its own, which have no copy of what it inherits. They remain in sync, for the slots it
/// had before: the epoch of the new ones is above what they are known to hold (<see cref="MapMember.HoldsCopy"/>).</item>
/// <item>Only a primary makes a replica in sync, and only an owner moves slots away from itself, by a compare-and-set on the version of the
/// map: what was sent before a change and arrives after it is void.</item>
/// </list>
/// </summary>
internal static class SlotMapPlanner
{
    /// <summary>The map after <paramref name="happened"/>; <paramref name="map"/> itself if it is no different.</summary>
    /// <exception cref="InvalidOperationException">The planner is about to break an invariant: a defect, and nothing may be written.</exception>
    public static SlotMap Apply(SlotMap map, MapEvent happened, MapRules rules)
    {
        var draft = new MapDraft(map);
        switch (happened)
        {
            case MapEvent.Joined joined: Join(draft, joined.Member); break;
            case MapEvent.Died died: Bury(draft, died.Silos); break;
            case MapEvent.Leaving leaving: Leave(draft, leaving.Silo); break;
            case MapEvent.Reported report when report.Version == map.Version: Report(draft, report); break;
            case MapEvent.Moved moved when moved.Version == map.Version: Move(draft, moved.Move); break;
            case MapEvent.Reported or MapEvent.Moved: return map;
            case MapEvent.TakenOver taken: TakeOver(draft, taken); break;
            default: OperatorPlan.Apply(draft, happened); break;
        }

        OperatorPlan.Settle(draft);
        SlotShares.AssignNew(draft, rules);
        do ReplicaPlan.Assign(draft, rules);
        while (happened is MapEvent.Leaving && RemoveLeavers(draft));
        var next = draft.ToMap();
        if (next != map) SlotMapInvariants.Check(map, next, happened);
        return next;
    }

    private static void Join(MapDraft draft, MapMember member)
    {
        if (draft.Find(member.Silo) is { } known)
        {
            var updated = known with { NodeId = member.NodeId, Zone = member.Zone, Endpoint = member.Endpoint };
            if (updated != known) draft.Set(updated);
            return;
        }

        var (endpoint, generation) = Parse(member.Silo);
        var sameEndpoint = draft.Members.Select(other => other.Silo).Where(silo => Parse(silo).Endpoint == endpoint).ToArray();
        if (sameEndpoint.Any(silo => Parse(silo).Generation > generation)) return;
        Bury(draft, sameEndpoint);
        draft.Set(member with { State = MemberState.Active, Replicas = [], InSync = [], SyncedThrough = [] });
        for (var slot = 0; slot < draft.SlotCount; slot++)
        {
            if (draft.LostBy(slot) == member.NodeId) draft.SetOwner(slot, member.Silo);
        }
        if (member.StartsAlone && !draft.Knows(member.NodeId)) draft.Set(new MapNode(member.NodeId, Circle: member.NodeId));
    }

    /// <summary>The slots of the dead go to replicas, each dead silo's to one of them where one has all; the dead are forgotten.</summary>
    private static void Bury(MapDraft draft, string[] silos)
    {
        var dead = silos.Select(draft.Find).OfType<MapMember>().ToArray();
        foreach (var member in dead) draft.Remove(member.Silo);
        foreach (var member in dead) GiveToHeirs(draft, member);
        foreach (var member in draft.Members.ToArray())
        {
            foreach (var replica in member.Replicas.Where(replica => draft.Find(replica) is null))
                draft.Set(draft.Find(member.Silo)!.Without(replica));
        }
    }

    private static void GiveToHeirs(MapDraft draft, MapMember dead)
    {
        var slots = Enumerable.Range(0, draft.SlotCount).Where(slot => draft.OwnerOf(slot) == dead.Silo).ToArray();
        var heirs = dead.InSync.Select(draft.Find).OfType<MapMember>()
            .OrderByDescending(heir => slots.Count(slot => dead.HoldsCopy(heir.Silo, draft.EpochOf(slot))))
            .ThenBy(heir => heir.State)
            .ThenByDescending(heir => draft.NodeOf(heir).Master == dead.NodeId)
            .ThenBy(heir => draft.CountOf(heir.Silo))
            .ThenBy(heir => heir.Silo, StringComparer.Ordinal)
            .ToArray();
        foreach (var slot in slots)
        {
            var epoch = draft.EpochOf(slot);
            if (Array.Find(heirs, heir => dead.HoldsCopy(heir.Silo, epoch)) is { } heir) draft.SetOwner(slot, heir.Silo);
            else if (draft.KeptBy(slot) is { } keeper && draft.Find(keeper) != null) TakeBack(draft, slot, keeper);
            else draft.Lose(slot, dead.NodeId);
        }

        if (slots.Length > 0) OperatorPlan.Succeed(draft, dead, draft.OwnerOf(slots[0]));
    }

    /// <summary>Who gave a slot away and kept it has it again; perhaps without ever having known that it was gone.</summary>
    private static void TakeBack(MapDraft draft, int slot, string keeper)
    {
        draft.SetOwner(slot, keeper);
        draft.SetKeeper(slot, keeper);
    }

    private static void Leave(MapDraft draft, string silo)
    {
        if (draft.Find(silo) is not { State: MemberState.Active } member) return;
        draft.Set(member with { State = MemberState.Leaving });
        OperatorPlan.Drain(draft, member);
    }

    /// <summary>A leaver goes when it has no slots, and nobody is left who counts on its copies; and when it asks again, rather than with its last move:
    /// whoever got those slots serves them at once only if it sees a map in which the leaver still is a member.</summary>
    /// <returns>Whether one went.</returns>
    private static bool RemoveLeavers(MapDraft draft)
    {
        var isNeeded = (MapMember leaver) =>
            draft.CountOf(leaver.Silo) > 0
            || draft.Members.Any(member => member.Replicas.Contains(leaver.Silo) || draft.Keeps(leaver.Silo, member.Silo));
        var gone = draft.Members.Where(member => member.State == MemberState.Leaving && !isNeeded(member)).ToArray();
        foreach (var leaver in gone) draft.Remove(leaver.Silo);
        if (gone.Length > 0) OperatorPlan.Settle(draft);
        return gone.Length > 0;
    }

    private static void Report(MapDraft draft, MapEvent.Reported report)
    {
        if (draft.Find(report.Primary) is not { } primary) return;
        var silos = Array.ConvertAll(report.Copies, copy => copy.Silo);
        var copies = Array.FindAll(report.Copies, copy => copy.Through >= 0);
        var isPossible = silos.Distinct().Count() == silos.Length
            && Array.TrueForAll(copies, copy => primary.Replicas.Contains(copy.Silo) && copy.Through <= report.Version);
        if (!isPossible) return;
        draft.Set(primary with { InSync = Array.ConvertAll(copies, copy => copy.Silo), SyncedThrough = Array.ConvertAll(copies, copy => copy.Through) });
        for (var slot = 0; slot < draft.SlotCount; slot++)
        {
            if (draft.OwnerOf(slot) == primary.Silo && draft.KeptBy(slot) is { } keeper && keeper != primary.Silo && !silos.Contains(keeper))
                draft.SetKeeper(slot, null);
        }
    }

    private static void Move(MapDraft draft, SlotMove move)
    {
        if (draft.Find(move.From) is not { } owner || draft.Find(move.To) is not { State: MemberState.Active }) return;
        if (!IsRange(draft, move.First, move.Last)) return;
        for (var slot = move.First; slot <= move.Last; slot++)
        {
            if (draft.OwnerOf(slot) != move.From || !owner.HoldsCopy(move.To, draft.EpochOf(slot))) return;
        }

        for (var slot = move.First; slot <= move.Last; slot++)
        {
            draft.SetOwner(slot, move.To);
            draft.SetKeeper(slot, move.From);
        }

        if (draft.CountOf(move.From) == 0) OperatorPlan.Emptied(draft, owner, draft.Find(move.To)!);
    }

    private static void TakeOver(MapDraft draft, MapEvent.TakenOver taken)
    {
        if (draft.Find(taken.Silo) is not { State: MemberState.Active } || !IsRange(draft, taken.First, taken.Last)) return;
        for (var slot = taken.First; slot <= taken.Last; slot++)
        {
            if (draft.OwnerOf(slot) is null) draft.SetOwner(slot, taken.Silo);
        }
    }

    public static bool IsRange(MapDraft draft, int first, int last) => first >= 0 && first <= last && last < draft.SlotCount;

    /// <summary>An incarnation's name: where the silo listens, and the generation, which grows with every start.</summary>
    private static (string Endpoint, int Generation) Parse(string silo)
    {
        var at = silo.LastIndexOf('@');
        return (silo[..at], int.Parse(silo.AsSpan(at + 1), CultureInfo.InvariantCulture));
    }
}
