using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>The next version of a slot map while it is being made: owners by slot, entries by silo.</summary>
internal sealed class MapDraft
{
    private readonly SlotMap _before;
    private readonly SortedDictionary<string, MapMember> _members = new(StringComparer.Ordinal);
    private readonly string?[] _owners = new string?[SlotHash.SlotCount];
    private readonly long[] _epochs = new long[SlotHash.SlotCount];
    private bool _isChanged;

    public MapDraft(SlotMap before)
    {
        _before = before;
        foreach (var member in before.Members) _members.Add(member.Silo, member);
        foreach (var range in before.Ranges)
        {
            Array.Fill(_owners, range.Owner, range.First, range.Count);
            Array.Fill(_epochs, range.Epoch, range.First, range.Count);
        }
    }

    /// <summary>The version that comes of it.</summary>
    public long Version => _before.Version + 1;

    /// <summary>In the order of their names.</summary>
    public IReadOnlyCollection<MapMember> Members => _members.Values;

    public MapMember? Find(string silo) => _members.GetValueOrDefault(silo);

    public string? OwnerOf(int slot) => _owners[slot];

    public long EpochOf(int slot) => _epochs[slot];

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
        _isChanged = true;
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
        _isChanged ? _before with { Version = Version, Members = [.. _members.Values], Ranges = [.. Ranges()] } : _before;

    private IEnumerable<SlotRange> Ranges()
    {
        var first = 0;
        for (var slot = 1; slot <= SlotHash.SlotCount; slot++)
        {
            if (slot < SlotHash.SlotCount && _owners[slot] == _owners[first] && _epochs[slot] == _epochs[first]) continue;
            yield return new SlotRange(first, slot - 1, _owners[first], _epochs[first]);
            first = slot;
        }
    }
}
