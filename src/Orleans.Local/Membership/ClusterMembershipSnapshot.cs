// Stands for Orleans.Runtime.ClusterMember, Orleans.Runtime.ClusterMembershipSnapshot and Orleans.Runtime.ClusterMembershipUpdate.
using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>A silo as the membership table has it.</summary>
[GenerateSerializer, Immutable, Alias("ClusterMember")]
public sealed class ClusterMember(SiloAddress siloAddress, SiloStatus status, string name) : IEquatable<ClusterMember>
{
    [Id(0)]
    public SiloAddress SiloAddress { get; } = siloAddress;

    [Id(1)]
    public SiloStatus Status { get; } = status;

    [Id(2)]
    public string Name { get; } = name;

    public bool Equals(ClusterMember? other) =>
        other is not null && SiloAddress.Equals(other.SiloAddress) && Status == other.Status && Name == other.Name;

    public override bool Equals(object? obj) => Equals(obj as ClusterMember);

    public override int GetHashCode() => SiloAddress.GetHashCode();

    public override string ToString() => $"{SiloAddress}/{Name}/{Status}";
}

/// <summary>All silos of the cluster at one version of the membership table.</summary>
[GenerateSerializer, Immutable, Alias("ClusterMembershipSnapshot")]
public sealed class ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember> members, MembershipVersion version)
{
    [Id(0)]
    public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; } = members;

    [Id(1)]
    public MembershipVersion Version { get; } = version;

    internal static ClusterMembershipSnapshot Default { get; } =
        new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, MembershipVersion.MinValue);

    /// <summary>None if the silo is not known. One whose place a later incarnation has taken is dead.</summary>
    public SiloStatus GetSiloStatus(SiloAddress silo)
    {
        if (Members.TryGetValue(silo, out ClusterMember? member) && member.Status != SiloStatus.None)
            return member.Status;
        return Members.Keys.Any(known => known.IsSuccessorOf(silo)) ? SiloStatus.Dead : SiloStatus.None;
    }

    /// <summary>As above, but a silo that was seen before this version and is unknown to it is dead.</summary>
    public SiloStatus GetSiloStatus(SiloAddress silo, MembershipVersion seenAtVersion)
    {
        SiloStatus status = GetSiloStatus(silo);
        return status == SiloStatus.None && Version > seenAtVersion ? SiloStatus.Dead : status;
    }

    public ClusterMembershipUpdate AsUpdate() => new(this, [.. Members.Values]);

    /// <summary>What is new or has changed its status since an earlier snapshot. What is gone counts as dead.</summary>
    public ClusterMembershipUpdate CreateUpdate(ClusterMembershipSnapshot previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        if (Version < previous.Version)
            throw new ArgumentException($"Version {previous.Version} is later than {Version}.", nameof(previous));
        if (Version == previous.Version)
            return new(this, []);
        IEnumerable<ClusterMember> changed = Members.Values.Where(member =>
            !previous.Members.TryGetValue(member.SiloAddress, out ClusterMember? before) || before.Status != member.Status);
        IEnumerable<ClusterMember> gone = previous.Members.Values
            .Where(before => !Members.ContainsKey(before.SiloAddress))
            .Select(before => new ClusterMember(before.SiloAddress, SiloStatus.Dead, before.Name));
        return new(this, [.. changed, .. gone]);
    }

    public override string ToString() => $"Version {Version}: {string.Join(", ", Members.Values)}";
}

/// <summary>A snapshot, and what in it differs from another.</summary>
[GenerateSerializer, Immutable, Alias("ClusterMembershipUpdate")]
public sealed class ClusterMembershipUpdate(ClusterMembershipSnapshot snapshot, ImmutableArray<ClusterMember> changes)
{
    public bool HasChanges => !Changes.IsDefaultOrEmpty;

    [Id(0)]
    public ImmutableArray<ClusterMember> Changes { get; } = changes;

    [Id(1)]
    public ClusterMembershipSnapshot Snapshot { get; } = snapshot;
}
