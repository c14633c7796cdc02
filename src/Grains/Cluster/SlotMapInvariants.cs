using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>What holds of every slot map and of every step from one to the next. Checked before a map is written, always.</summary>
internal static class SlotMapInvariants
{
    /// <exception cref="InvalidOperationException">One does not hold.</exception>
    public static void Check(SlotMap before, SlotMap after, MapEvent happened)
    {
        Require(after.Version == before.Version + 1, "a version is left out", after);
        Require(after.SlotCount == before.SlotCount, "the number of slots changes", after);
        Require(after.HashSeed == before.HashSeed, "the seed of the hash changes", after);
        CheckMembers(before, after);
        CheckRanges(after);
        CheckOwners(before, after, happened);
    }

    private static void CheckMembers(SlotMap before, SlotMap after)
    {
        Require(after.Members.Select(member => member.Silo).Distinct().Count() == after.Members.Length, "a member is there twice", after);
        foreach (var member in after.Members)
        {
            Require(!member.Replicas.Contains(member.Silo), $"{member.Silo} is its own replica", after);
            Require(member.Replicas.Distinct().Count() == member.Replicas.Length, $"{member.Silo} has a replica twice", after);
            Require(member.Replicas.All(replica => after.Find(replica) != null), $"{member.Silo} has a replica that is no member", after);
            Require(!member.InSync.Except(member.Replicas).Any(), $"{member.Silo} is in sync with what is no replica", after);
            Require(member.InSync.Length == member.SyncedThrough.Length, $"{member.Silo} does not say what its copies hold", after);
            Require(member.SyncedThrough.All(version => version <= after.Version), $"{member.Silo} has a copy of the future", after);
            Require(member.InSync.All(replica => before.Find(replica) != null), $"{member.Silo} is in sync with who just joined", after);
        }

        Require(after.Nodes.Select(node => node.NodeId).Distinct().Count() == after.Nodes.Length, "a node is there twice", after);
        foreach (var node in after.Nodes.Where(node => node.Master.Length > 0))
            Require((after.NodeOf(node.Master)?.Circle ?? "") == node.Circle, $"{node.NodeId} replicates who is of another circle", after);
        Require(after.Wanted.All(move => after.Find(move.From) != null && after.Find(move.To) != null), "a silo that is no member is to move slots", after);
    }

    private static void CheckRanges(SlotMap after)
    {
        var next = 0;
        foreach (var range in after.Ranges)
        {
            Require(range.First == next && range.Last >= range.First, $"the ranges are not in order at slot {next}", after);
            Require(range.Owner is null || after.Find(range.Owner) != null, $"the owner of slot {next} is no member", after);
            Require(range.KeptBy is null || after.Find(range.KeptBy) != null, $"who keeps slot {next} is no member", after);
            next = range.Last + 1;
        }

        Require(next == after.SlotCount, $"the ranges end at slot {next}", after);
    }

    private static void CheckOwners(SlotMap before, SlotMap after, MapEvent happened)
    {
        for (var first = 0; first < before.SlotCount;)
        {
            var (was, now) = (before.RangeOf(first), after.RangeOf(first));
            var isSame = was.Owner == now.Owner;
            Require(now.Epoch == (isSame ? was.Epoch : after.Version), $"slot {first} changes its owner or its epoch without the other", after);
            Require(isSame || MayPass(before, after, was, now, first, happened), $"slot {first} comes to who has no copy of it", after);
            Require(now.KeptBy is null || MayKeep(before, after, was, now, happened), $"slot {first} is kept by who does not have it", after);
            first = Math.Min(was.Last, now.Last) + 1;
        }
    }

    /// <summary>Who has moved a slot away keeps it, and may get it back; but not if it was made no replica meanwhile, and has let go what it kept.</summary>
    private static bool MayKeep(SlotMap before, SlotMap after, SlotRange was, SlotRange now, MapEvent happened)
    {
        if (was.Owner != now.Owner) return now.KeptBy == (happened is MapEvent.Moved ? was.Owner : was.KeptBy == now.Owner ? now.Owner : null);
        var wasReplica = before.Find(was.Owner!)!.Replicas.Contains(now.KeptBy);
        return was.KeptBy == now.KeptBy && (!wasReplica || after.Find(was.Owner!)!.Replicas.Contains(now.KeptBy));
    }

    /// <summary>Slots pass to who holds what was acknowledged in them, or to nobody; those without content or hope to anybody.</summary>
    private static bool MayPass(SlotMap before, SlotMap after, SlotRange was, SlotRange now, int slot, MapEvent happened)
    {
        if (was.Owner is null) return was.Epoch == 0 || MayBeGivenAgain(was, now, after, happened);
        if (now.Owner is null && GivenUpBy(happened) == was.Owner) return true;
        if (happened is MapEvent.Moved { Move: var move })
        {
            return move.From == was.Owner && move.To == now.Owner && slot >= move.First && slot <= move.Last
                && before.Find(move.From)!.HoldsCopy(move.To, was.Epoch);
        }

        var owner = before.Find(was.Owner)!;
        if (after.Find(was.Owner) is not null) return false;
        var holders = after.Members.Select(member => member.Silo).Where(silo => owner.HoldsCopy(silo, was.Epoch) || was.KeptBy == silo).ToArray();
        if (holders.Length > 0) return holders.Contains(now.Owner);
        return now.Owner is null || MayBeGivenAgain(was with { LostBy = owner.NodeId }, now, after, happened);
    }

    /// <summary>A slot whose every copy is gone passes to the next incarnation of the node that lost it, or by an operator.</summary>
    private static bool MayBeGivenAgain(SlotRange was, SlotRange now, SlotMap after, MapEvent happened) => happened switch
    {
        MapEvent.TakenOver taken => now.Owner == taken.Silo,
        MapEvent.Joined joined => now.Owner == joined.Member.Silo && after.Find(now.Owner)!.NodeId == was.LostBy,
        MapEvent.Assigned assigned => now.Owner == assigned.Silo,
        _ => false,
    };

    /// <summary>Who gives slots up of its own.</summary>
    private static string? GivenUpBy(MapEvent happened) => happened switch
    {
        MapEvent.Released released => released.Silo,
        MapEvent.Reset reset => reset.Silo,
        _ => null,
    };

    private static void Require(bool holds, string violation, SlotMap map)
    {
        if (!holds) throw new InvalidOperationException($"Slot map version {map.Version}: {violation}.");
    }
}
