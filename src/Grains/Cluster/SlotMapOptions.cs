using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>A silo's part in the slot map.</summary>
public sealed class SlotMapOptions
{
    /// <summary>The grain storage that the map is in: whoever builds the silo registers one of this name. It must outlive every silo, and be the
    /// same for all of them; without one the map is in memory, which will do for a silo that is alone.</summary>
    public const string StorageName = "OrleansKv";

    /// <summary>Whether the silo may own slots, and so joins the map. One that does not only follows it.</summary>
    public bool OwnsSlots { get; set; } = true;

    /// <summary>The node over all its incarnations, 40 hexadecimal digits; null: what <see cref="NodeIdFile"/> says.</summary>
    public string? NodeId { get; set; }

    /// <summary>Where the node id is kept; made at the first start. Null: every incarnation is a node of its own.</summary>
    public string? NodeIdFile { get; set; }

    /// <summary>Where the silo runs (rack, availability zone); copies are kept in different ones.</summary>
    public string Zone { get; set; } = "";

    /// <summary>Where Redis clients reach the silo; without a host they stay with the one that they used.</summary>
    public NodeEndpoint Endpoint { get; set; } = new("", 0);

    /// <summary>Copies that each silo keeps on others, as far as there are others: by default what cluster-replicas says.</summary>
    public int Replicas { get; set; } = 1;

    /// <summary>Called when the cluster has declared this incarnation dead, and it serves nothing any more: the process closes its clients and starts
    /// again as a new one. On a thread of replication; returns at once.</summary>
    public Action? DeclaredDead { get; set; }

    /// <summary>Silos that a new cluster waits for before it assigns the slots: each of them gets its share at once, later ones by moves.</summary>
    public int InitialSilos { get; set; } = 1;

    /// <summary>Whether the node, where it is a new one, gets neither slots nor copies before an operator has it meet others and gives it some.</summary>
    public bool StartsAlone { get; set; }

    /// <summary>How long a silo that stops waits until its slots and copies are on others. What is not by then is taken over as after its death.</summary>
    public TimeSpan LeaveLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the map is asked for, besides being sent.</summary>
    public TimeSpan PollPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether the process hashes keys with the cluster's seed, so that a SCAN that goes on at another copy misses nothing. Only for a process
    /// that stores no key before its silo has started, and has one silo: the seed is the process's.
    /// </summary>
    public bool UsesClusterHashSeed { get; set; }

    internal MapRules Rules => new() { Replicas = Replicas, InitialSilos = InitialSilos };
}
