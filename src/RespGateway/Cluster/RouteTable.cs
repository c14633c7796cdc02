using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>A version of the slot map as a silo's circle sees it, prepared for looking up the owner of a slot.</summary>
internal sealed class RouteTable
{
    /// <summary>In place of an index: the slot has no owner.</summary>
    public const int Nobody = -1;

    private readonly short[] _owners = new short[SlotHash.SlotCount];
    private readonly bool[] _owns;

    public RouteTable(SlotMap whole, string self)
    {
        var map = whole.SeenBy(self);
        Whole = whole;
        Map = map;
        Self = Array.FindIndex(map.Members, member => member.Silo == self);
        IsCovered = true;
        _owns = new bool[map.Members.Length];
        foreach (var range in map.Ranges)
        {
            var owner = range.Owner == null ? Nobody : Array.FindIndex(map.Members, member => member.Silo == range.Owner);
            _owners.AsSpan(range.First, range.Count).Fill((short)owner);
            IsCovered &= owner != Nobody;
            if (owner != Nobody) _owns[owner] = true;
        }

        SelfIsReplica = Self != Nobody && MasterOf(Self) != Nobody;
    }

    /// <summary>The map as it is, with the members of other circles.</summary>
    public SlotMap Whole { get; }

    public SlotMap Map { get; }

    /// <summary>When this silo's gateway first saw the map, as a timestamp of the link's time provider.</summary>
    public long MadeAt { get; init; }

    /// <summary>This silo among the members; <see cref="Nobody"/> where it is none.</summary>
    public int Self { get; }

    /// <summary>Whether this silo owns a slot.</summary>
    public bool SelfOwnsSlots => Self != Nobody && _owns[Self];

    /// <summary>Whether this silo is a replica of another to its clients, who may then read its copies.</summary>
    public bool SelfIsReplica { get; }

    /// <summary>Whether this silo owns every slot.</summary>
    public bool SelfOwnsAll => IsCovered && SelfOwnsSlots && _owns.Count(owns => owns) == 1;

    /// <summary>Whether every slot has an owner.</summary>
    public bool IsCovered { get; }

    /// <summary>Whether every slot has the same owner in another version.</summary>
    public bool HasSameOwners(RouteTable other)
    {
        if (ReferenceEquals(this, other)) return true;
        for (var slot = 0; slot < _owners.Length; slot++)
            if (SiloOf(slot) != other.SiloOf(slot)) return false;
        return true;
    }

    /// <summary>Whether this silo serves the slots that it owns: not while it is about to take some over, or to give them away.</summary>
    public bool IsServed(Store store)
    {
        for (var slot = 0; slot < _owners.Length; slot++)
            if (_owners[slot] == Self && !store.Slots[slot].IsOwned) return false;
        return true;
    }

    /// <summary>Whether a member owns a slot.</summary>
    public bool Owns(int member) => _owns[member];

    /// <summary>
    /// Whom a member is a replica of: while it owns no slot, the node that an operator has it replicate; <see cref="Nobody"/> of a master. One that
    /// is to get slots by itself is a master that has none yet, whatever copies it keeps: clients hold on to a role for up to a minute.
    /// </summary>
    public int MasterOf(int member) => !_owns[member] && Map.MasterOf(Map.Members[member]) is { Length: > 0 } master
        ? Array.FindIndex(Map.Members, other => other.NodeId == master)
        : Nobody;

    /// <summary>The owner of a slot among the members, or <see cref="Nobody"/>.</summary>
    public int OwnerOf(int slot) => _owners[slot];

    private string? SiloOf(int slot) => _owners[slot] < 0 ? null : Map.Members[_owners[slot]].Silo;
}
