using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>The next version of a slot map while it is being made: owners by slot, entries by silo.</summary>
internal sealed class MapDraft
{
    private readonly SlotMap _before;
    private readonly SortedDictionary<string, MapMember> _members = new(StringComparer.Ordinal);
    private readonly string?[] _owners;
    private readonly long[] _epochs;
    private readonly string?[] _lostBy;
    private readonly string?[] _keptBy;
    private readonly SortedDictionary<string, MapNode> _nodes = new(StringComparer.Ordinal);
    private SlotMove[] _wanted;
    private bool _isChanged;

    public MapDraft(SlotMap before)
    {
        _before = before;
        _owners = new string?[before.SlotCount];
        _epochs = new long[before.SlotCount];
        _lostBy = new string?[before.SlotCount];
        _keptBy = new string?[before.SlotCount];
        foreach (var member in before.Members) _members.Add(member.Silo, member);
        foreach (var node in before.Nodes) _nodes.Add(node.NodeId, node);
        _wanted = before.Wanted;
        foreach (var range in before.Ranges)
        {
            Array.Fill(_owners, range.Owner, range.First, range.Count);
            Array.Fill(_epochs, range.Epoch, range.First, range.Count);
            Array.Fill(_lostBy, range.LostBy, range.First, range.Count);
            Array.Fill(_keptBy, range.KeptBy, range.First, range.Count);
        }
    }

    /// <summary>The version that comes of it.</summary>
    public long Version => _before.Version + 1;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<MapMember> Members => _members.Values;

    public int SlotCount => _owners.Length;

    public MapMember? Find(string silo) => _members.GetValueOrDefault(silo);

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyCollection<MapNode> Nodes => _nodes.Values;

    /// <summary>Moves that an operator wants, done or not.</summary>
    public SlotMove[] Wanted
    {
        get => _wanted;
        set
        {
            _isChanged |= !value.SequenceEqual(_wanted);
            _wanted = value;
        }
    }

    public MapMember? FindNode(string nodeId) => _members.Values.FirstOrDefault(member => member.NodeId == nodeId);

    /// <summary>What an operator has made of a node.</summary>
    public MapNode NodeOf(string nodeId) => _nodes.GetValueOrDefault(nodeId) ?? new MapNode(nodeId, "");

    public MapNode NodeOf(MapMember member) => NodeOf(member.NodeId);

    /// <summary>Whether two members are of one circle.</summary>
    public bool HaveMet(MapMember one, MapMember other) => NodeOf(one).Circle == NodeOf(other).Circle;

    public void Set(MapNode node)
    {
        if (_nodes.GetValueOrDefault(node.NodeId) == node) return;
        _nodes[node.NodeId] = node;
        _isChanged = true;
    }

    public bool Knows(string nodeId) => _nodes.ContainsKey(nodeId);

    public void Forget(string nodeId) => _isChanged |= _nodes.Remove(nodeId);

    public string? OwnerOf(int slot) => _owners[slot];

    public long EpochOf(int slot) => _epochs[slot];

    /// <summary>The node that lost a slot's last copy; null where there is one, or where there never was.</summary>
    public string? LostBy(int slot) => _lostBy[slot];

    /// <summary>The silo that has given a slot to its owner, and keeps it; the owner itself where it took it back.</summary>
    public string? KeptBy(int slot) => _keptBy[slot];

    /// <summary>Whether a silo keeps slots that it has given to an owner.</summary>
    public bool Keeps(string silo, string owner)
    {
        for (var slot = 0; slot < _keptBy.Length; slot++)
            if (_keptBy[slot] == silo && _owners[slot] == owner) return true;
        return false;
    }

    public int CountOf(string silo) => _owners.Count(owner => owner == silo);

    /// <summary>The epoch of the slots that a silo got last; 0 if it has none.</summary>
    public long NewestEpochOf(string silo)
    {
        var newest = 0L;
        for (var slot = 0; slot < _owners.Length; slot++)
        {
            if (_epochs[slot] > newest && _owners[slot] == silo) newest = _epochs[slot];
        }

        return newest;
    }

    /// <summary>A slot that has never had an owner, and so has no content.</summary>
    public bool IsUnassigned(int slot) => _owners[slot] is null && _epochs[slot] == 0;

    public void SetOwner(int slot, string? owner)
    {
        if (_owners[slot] == owner) return;
        _owners[slot] = owner;
        _epochs[slot] = Version;
        _lostBy[slot] = null;
        _keptBy[slot] = null;
        _isChanged = true;
    }

    /// <summary>Notes who keeps a slot beside its owner's replicas, or nobody.</summary>
    public void SetKeeper(int slot, string? silo)
    {
        _isChanged |= _keptBy[slot] != silo;
        _keptBy[slot] = silo;
    }

    /// <summary>The last copy of a slot is gone with an incarnation of a node.</summary>
    public void Lose(int slot, string nodeId)
    {
        SetOwner(slot, null);
        _lostBy[slot] = nodeId;
    }

    /// <summary>Adds an entry or replaces the one of its silo.</summary>
    public void Set(MapMember member)
    {
        _members[member.Silo] = member;
        _isChanged = true;
    }

    public void Remove(string silo) => _isChanged |= _members.Remove(silo);

    /// <summary>The next version, or the map that it was made from if nothing was done.</summary>
    public SlotMap ToMap() =>
        !_isChanged ? _before : _before with
        {
            Version = Version, Members = [.. _members.Values], Ranges = [.. Ranges()], Nodes = [.. _nodes.Values], Wanted = _wanted,
        };

    private IEnumerable<SlotRange> Ranges()
    {
        var first = 0;
        for (var slot = 1; slot <= SlotCount; slot++)
        {
            if (slot < SlotCount && AreAlike(first, slot)) continue;
            yield return new SlotRange(first, slot - 1, _owners[first], _epochs[first]) { LostBy = _lostBy[first], KeptBy = _keptBy[first] };
            first = slot;
        }
    }

    private bool AreAlike(int first, int slot) =>
        _owners[slot] == _owners[first] && _epochs[slot] == _epochs[first] && _lostBy[slot] == _lostBy[first]
        && _keptBy[slot] == _keptBy[first];
}
