using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// What operators do with the map, by CLUSTER's subcommands. A circle is a cluster as they see it: nodes that start alone are each in one of their
/// own, and MEET makes one of two. Within such a circle nothing is assigned and moved but by order; copies are kept all the same, by those
/// that were told to replicate a node, and where these are too few by others of the circle.
///
/// Orders to move slots are wishes: they move when the target has a copy, as any other slots do.
/// </summary>
internal static class OperatorPlan
{
    public static void Apply(MapDraft draft, MapEvent order)
    {
        switch (order)
        {
            case MapEvent.Met met: Meet(draft, met); break;
            case MapEvent.Forgotten forgotten: Forget(draft, forgotten.NodeId); break;
            case MapEvent.Reset reset: Reset(draft, reset); break;
            case MapEvent.Assigned assigned: Assign(draft, assigned); break;
            case MapEvent.Released released: Release(draft, released); break;
            case MapEvent.Wished wished: Wish(draft, wished.Move); break;
            case MapEvent.Kept kept: draft.Wanted = [.. draft.Wanted.SelectMany(move => Without(draft, move, kept.Slot))]; break;
            case MapEvent.Pinned pinned: Pin(draft, pinned); break;
            case MapEvent.FailedOver failedOver: FailOver(draft, failedOver.Silo); break;
            case MapEvent.Rested: draft.Wanted = Array.FindAll(draft.Wanted, move => IsOpen(draft, move)); break;
            default: throw new ArgumentOutOfRangeException(nameof(order), order, "No such event.");
        }
    }

    /// <summary>After every event: a node that owns slots replicates nobody, a master is of the same circle, and wishes are possible ones.</summary>
    public static void Settle(MapDraft draft)
    {
        foreach (var node in draft.Nodes.Where(node => node.Master.Length > 0).ToArray())
        {
            var ownsSlots = draft.FindNode(node.NodeId) is { } member && draft.CountOf(member.Silo) > 0;
            if (ownsSlots || draft.NodeOf(node.Master).Circle != node.Circle) draft.Set(node with { Master = "" });
        }

        if (draft.Wanted.Length > 0) draft.Wanted = Array.FindAll(draft.Wanted, move => IsPossible(draft, move));
    }

    /// <summary>Whoever replicates a dead node, and the node itself when it comes back, replicates the one that has replaced it.</summary>
    /// <param name="draft">The map, without the dead.</param>
    /// <param name="dead">A member that owned slots.</param>
    /// <param name="heir">Who got them, or null.</param>
    public static void Succeed(MapDraft draft, MapMember dead, string? heir)
    {
        if (heir is null || draft.Find(heir) is not { } successor || draft.NodeOf(successor).Master != dead.NodeId) return;
        Follow(draft, dead, successor);
    }

    /// <summary>A replica takes over what a node has that leaves, as a whole; where there is none <see cref="MovePlan"/> says who does.</summary>
    public static void Drain(MapDraft draft, MapMember leaver)
    {
        var replica = draft.Members.FirstOrDefault(member => draft.NodeOf(member).Master == leaver.NodeId && member.State == MemberState.Active);
        if (replica != null) FailOver(draft, replica.Silo);
    }

    /// <summary>A node that has given its last slot away by order becomes a replica of who has got it, as in Redis.</summary>
    public static void Emptied(MapDraft draft, MapMember giver, MapMember taker)
    {
        if (Array.Exists(draft.Wanted, move => move.From == giver.Silo && move.To == taker.Silo)) Follow(draft, giver, taker);
    }

    private static void Follow(MapDraft draft, MapMember former, MapMember master)
    {
        foreach (var node in draft.Nodes.Where(node => node.Master == former.NodeId && node.NodeId != master.NodeId).ToArray())
            draft.Set(node with { Master = master.NodeId });
        draft.Set(draft.NodeOf(master) with { Master = "" });
        draft.Set(draft.NodeOf(former) with { Master = master.NodeId });
    }

    private static void Meet(MapDraft draft, MapEvent.Met met)
    {
        if (draft.Find(met.Silo) is not { } one || draft.Find(met.Other) is not { } other || draft.HaveMet(one, other)) return;
        var (from, to) = (draft.NodeOf(one).Circle, draft.NodeOf(other).Circle);

        // Those that came by themselves are a circle already that others can only join.
        if (from.Length == 0) (from, to) = (to, from);
        foreach (var node in draft.Nodes.Where(node => node.Circle == from).ToArray()) draft.Set(node with { Circle = to });
    }

    private static void Forget(MapDraft draft, string nodeId)
    {
        if (draft.FindNode(nodeId) is not { } member) draft.Forget(nodeId);
        else if (draft.CountOf(member.Silo) == 0) SetAlone(draft, nodeId);
    }

    private static void Reset(MapDraft draft, MapEvent.Reset reset)
    {
        if (draft.Find(reset.Silo) is not { } member) return;
        if (draft.NodeOf(member).Circle.Length == 0 && draft.CountOf(member.Silo) > 0) return;
        for (var slot = 0; slot < draft.SlotCount; slot++)
            if (draft.OwnerOf(slot) == member.Silo) draft.SetOwner(slot, null);
        var nodeId = reset.NewNodeId ?? member.NodeId;
        if (nodeId != member.NodeId)
        {
            draft.Forget(member.NodeId);
            draft.Set(member with { NodeId = nodeId });
        }

        SetAlone(draft, nodeId);
    }

    // A circle has the name of a node that may have left it.
    private static void SetAlone(MapDraft draft, string nodeId)
    {
        if (draft.NodeOf(nodeId).Circle is { Length: > 0 } own && draft.Nodes.Count(node => node.Circle == own) == 1) draft.Set(new MapNode(nodeId, own));
        else draft.Set(new MapNode(nodeId, draft.Nodes.Any(node => node.Circle == nodeId) ? $"{nodeId}.{draft.Version}" : nodeId));
    }

    private static void Assign(MapDraft draft, MapEvent.Assigned assigned)
    {
        if (draft.Find(assigned.Silo) is not { State: MemberState.Active } || !AreSlotsOf(draft, assigned.Slots, null)) return;
        foreach (var slot in assigned.Slots) draft.SetOwner(slot, assigned.Silo);
    }

    private static void Release(MapDraft draft, MapEvent.Released released)
    {
        if (!AreSlotsOf(draft, released.Slots, released.Silo)) return;
        foreach (var slot in released.Slots) draft.SetOwner(slot, null);
    }

    private static bool AreSlotsOf(MapDraft draft, int[] slots, string? owner) =>
        Array.TrueForAll(slots, slot => SlotMapPlanner.IsRange(draft, slot, slot) && draft.OwnerOf(slot) == owner);

    // A wish takes the place of earlier ones for its slots, and of those between the same silos that are done.
    private static void Wish(MapDraft draft, SlotMove move)
    {
        if (!SlotMapPlanner.IsRange(draft, move.First, move.Last) || move.From == move.To || !IsPossible(draft, move)) return;
        for (var slot = move.First; slot <= move.Last; slot++)
            if (draft.OwnerOf(slot) != move.From) return;
        var others = draft.Wanted.Where(other => (IsOpen(draft, other) || other.From != move.From) && !Overlap(other, move));
        draft.Wanted = [.. others, move];
    }

    private static void FailOver(MapDraft draft, string silo)
    {
        if (draft.Find(silo) is not { } member || draft.FindNode(draft.NodeOf(member).Master) is not { } master) return;
        foreach (var range in draft.ToMap().RangesOf(master.Silo).ToArray())
            Wish(draft, new SlotMove(range.First, range.Last, master.Silo, silo));
    }

    private static void Pin(MapDraft draft, MapEvent.Pinned pinned)
    {
        if (draft.Find(pinned.Silo) is not { } member || draft.FindNode(pinned.Master) is not { } master) return;
        if (member == master || !draft.HaveMet(member, master) || draft.CountOf(pinned.Silo) > 0 || draft.NodeOf(master).Master.Length > 0) return;
        foreach (var node in draft.Nodes.Where(node => node.Master == member.NodeId).ToArray()) draft.Set(node with { Master = master.NodeId });
        draft.Set(draft.NodeOf(member) with { Master = master.NodeId });
    }

    /// <summary>Whether slots of a wish are still to move.</summary>
    private static bool IsOpen(MapDraft draft, SlotMove move)
    {
        for (var slot = move.First; slot <= move.Last; slot++)
            if (draft.OwnerOf(slot) == move.From) return true;
        return false;
    }

    private static bool IsPossible(MapDraft draft, SlotMove move) =>
        draft.Find(move.From) is { } from && draft.Find(move.To) is { State: MemberState.Active } to && draft.HaveMet(from, to);

    private static bool Overlap(SlotMove one, SlotMove other) => one.First <= other.Last && other.First <= one.Last;

    private static IEnumerable<SlotMove> Without(MapDraft draft, SlotMove move, int slot)
    {
        if (slot < move.First || slot > move.Last || !IsOpen(draft, move)) return [move];
        SlotMove[] parts = [move with { Last = slot - 1 }, move with { First = slot + 1 }];
        return parts.Where(part => part.Count > 0);
    }
}
