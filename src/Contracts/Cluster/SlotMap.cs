using Orleans;

namespace OrleansKv.Contracts;

/// <summary>
/// Who owns which slots: the one truth of the cluster, changed by the slot map's grain alone, and by compare-and-set. Everybody else holds a
/// version of it, which may be stale; a higher version is always the later one.
/// </summary>
/// <param name="Version">Grows by one with every change; 0 is the empty map before the first.</param>
/// <param name="Members">The silos that have a part in it.</param>
/// <param name="Ranges">The slots, ascending and without gaps from 0 to 16383; neighbours of the same owner and epoch are one range.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.SlotMap")]
public sealed record SlotMap(
    [property: Id(0)] long Version, [property: Id(1)] MapMember[] Members, [property: Id(2)] SlotRange[] Ranges)
{
    /// <summary>No silo, and no slot with an owner.</summary>
    public static SlotMap Empty { get; } = new(0, [], [new SlotRange(0, SlotHash.SlotCount - 1, null, 0)]);

    /// <summary>128 random bits, drawn once for the cluster: the seed of the hash that every copy of a slot orders its keys by, so that a SCAN
    /// cursor means the same on each.</summary>
    [Id(3)]
    public Guid HashSeed { get; init; }

    /// <summary>What an operator has made of nodes, whether they are members now or not.</summary>
    [Id(4)]
    public MapNode[] Nodes { get; init; } = [];

    /// <summary>Moves that an operator wants. They stay for a while when they are done, so that the next one between the same silos finds a copy.</summary>
    [Id(5)]
    public SlotMove[] Wanted { get; init; } = [];

    /// <summary>Slots of the map: 16384, but in simulations.</summary>
    public int SlotCount => Ranges[^1].Last + 1;

    /// <summary>The range of a slot, by binary search.</summary>
    public SlotRange RangeOf(int slot)
    {
        int low = 0, high = Ranges.Length - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Ranges[middle].Last < slot) low = middle + 1;
            else high = middle;
        }

        return Ranges[low];
    }

    /// <summary>The member of a silo's incarnation, or null.</summary>
    public MapMember? Find(string silo) => Array.Find(Members, member => member.Silo == silo);

    /// <summary>The ranges that a silo's incarnation owns, ascending.</summary>
    public IEnumerable<SlotRange> RangesOf(string silo) => Ranges.Where(range => range.Owner == silo);

    /// <summary>The silos that keep slots which they have given to an owner; each once.</summary>
    public IEnumerable<string> KeepersOf(string owner) =>
        RangesOf(owner).Select(range => range.KeptBy).OfType<string>().Where(keeper => keeper != owner).Distinct();
}

/// <summary>Consecutive slots with one owner.</summary>
/// <param name="First">0 to 16383.</param>
/// <param name="Last">Inclusive.</param>
/// <param name="Owner">The incarnation of the silo that is primary; null where every copy is gone or none was ever assigned.</param>
/// <param name="Epoch">The version of the map that made it the owner, or took the owner away: what fences an earlier one. 0: never assigned.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.SlotRange")]
public readonly record struct SlotRange(
    [property: Id(0)] int First, [property: Id(1)] int Last, [property: Id(2)] string? Owner, [property: Id(3)] long Epoch)
{
    /// <summary>Where every copy is gone: the node whose incarnation was the last to have one. Its next incarnation gets the slots, empty; nobody else
    /// does without an operator, since the last one may still serve them to clients who can reach it alone.</summary>
    [Id(4)]
    public string? LostBy { get; init; }

    /// <summary>
    /// The silo that gave the slots to the owner in a planned move, and goes on keeping them as one of its replicas does, until those have copies. It
    /// takes them back when the owner dies; then it is the owner itself: what it has is still what it gave, with all that was acknowledged since.
    /// </summary>
    [Id(5)]
    public string? KeptBy { get; init; }

    /// <summary>Slots of the range.</summary>
    public int Count => Last - First + 1;
}

/// <summary>A silo's incarnation in the map.</summary>
[GenerateSerializer, Immutable, Alias("OrleansKv.MapMember")]
public sealed record MapMember
{
    /// <summary>The incarnation, as SiloAddress.ToParsableString writes it.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>The node over all its incarnations: 40 hexadecimal digits, as CLUSTER MYID shows it.</summary>
    [Id(1)]
    public required string NodeId { get; init; }

    [Id(2)]
    public MemberState State { get; init; }

    /// <summary>Where it runs (rack, availability zone); copies are kept in different zones where there are several. May be empty.</summary>
    [Id(3)]
    public string Zone { get; init; } = "";

    /// <summary>Where Redis clients reach it.</summary>
    [Id(4)]
    public required NodeEndpoint Endpoint { get; init; }

    /// <summary>The incarnations that keep copies of all slots it owns, or are on the way to.</summary>
    [Id(5)]
    public string[] Replicas { get; init; } = [];

    /// <summary>Those of <see cref="Replicas"/> that hold everything it has acknowledged: only they may take its slots over.</summary>
    [Id(6)]
    public string[] InSync { get; init; } = [];

    /// <summary>For each of <see cref="InSync"/>, in the same order: the highest epoch of slots that it holds. A member that takes slots over is
    /// their only copy until its own replicas have copied them, although they hold everything else it owns.</summary>
    [Id(7)]
    public long[] SyncedThrough { get; init; } = [];

    /// <summary>Whether the node, where it is a new one, is in a circle of its own, and gets no slots by itself.</summary>
    [Id(8)]
    public bool StartsAlone { get; init; }

    /// <summary>Whether a replica has a full copy of this member's slots of an epoch, so that it may take them over.</summary>
    public bool HoldsCopy(string silo, long epoch)
    {
        var index = Array.IndexOf(InSync, silo);
        return index >= 0 && index < SyncedThrough.Length && SyncedThrough[index] >= epoch;
    }
}

/// <summary>What a member does.</summary>
public enum MemberState : byte
{
    /// <summary>Owns slots or may be given some.</summary>
    Active,

    /// <summary>Hands its slots over, to go.</summary>
    Leaving,
}

/// <summary>Where Redis clients reach a node: what cluster-announce-ip, -port and -hostname say, or else what it listens on.</summary>
/// <param name="Host">Address.</param>
/// <param name="Port">Port of the RESP gateway.</param>
/// <param name="HostName">Name, or empty.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.NodeEndpoint")]
public sealed record NodeEndpoint([property: Id(0)] string Host, [property: Id(1)] int Port, [property: Id(2)] string HostName = "");
