using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>What happened to the cluster, as the slot map's planner takes it. Silos are incarnations.</summary>
internal abstract partial record MapEvent
{
    private MapEvent()
    {
    }

    /// <summary>A silo is there, and wants a part. An earlier incarnation of it that still is a member is dead by that.</summary>
    public sealed record Joined(MapMember Member) : MapEvent;

    /// <summary>Silos that are certainly gone. Several at once, since none of them can inherit from another.</summary>
    public sealed record Died(params string[] Silos) : MapEvent;

    /// <summary>A silo wants to go: it gets nothing more, hands over what it has, and is no member once it owns and copies nothing.</summary>
    public sealed record Leaving(string Silo) : MapEvent;

    /// <summary>
    /// The replicas that a primary waits for from now on, all of them. It always makes a new version, even where nothing changes: so a primary
    /// that knows a later map than the one it reported at knows that the report can no longer come true.
    /// </summary>
    /// <param name="Primary">Who reports.</param>
    /// <param name="Copies">Some of its replicas.</param>
    /// <param name="Version">The version of the map that the report is about; of another one it is void.</param>
    public sealed record Reported(string Primary, SyncedCopy[] Copies, long Version) : MapEvent;

    /// <summary>The owner has stopped serving the slots of a move, and the target, a replica in sync, has everything in them.</summary>
    /// <param name="Move">Void unless its From owns all its slots, and its To has a copy of them.</param>
    /// <param name="Version">The version of the map that the owner switches; of another one it is void.</param>
    public sealed record Moved(SlotMove Move, long Version) : MapEvent;

    /// <summary>An operator gives a silo those of the slots that have no owner. It starts them empty.</summary>
    public sealed record TakenOver(int First, int Last, string Silo) : MapEvent;
}

/// <summary>The planner's settings.</summary>
internal sealed record MapRules
{
    /// <summary><c>cluster-replicas</c>: copies that each silo keeps on others, as far as there are others.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Members there must be before slots are assigned for the first time: then each of them gets its share.</summary>
    public int InitialSilos { get; init; } = 1;
}
