// Stands for Orleans.IMembershipTable, Orleans.MembershipTableData and Orleans.TableVersion.
using Orleans.Runtime;

namespace Orleans;

/// <summary>
/// The truth about which silos a cluster has: a row a silo, and a version of the whole that grows with every change. A change names the
/// versions (ETags) of the table and of the row that it was made from, and does nothing if either is another by now.
/// </summary>
public interface IMembershipTable
{
    /// <summary>Comes before all other calls.</summary>
    Task InitializeMembershipTable(bool tryInitTableVersion);

    Task DeleteMembershipTableEntries(string clusterId);

    /// <summary>Removes the rows of silos that are not active and have not been heard of since the date.</summary>
    Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate);

    /// <summary>One row, if there is one, and the table's version, read together.</summary>
    Task<MembershipTableData> ReadRow(SiloAddress key);

    /// <summary>All rows and the table's version, read together.</summary>
    Task<MembershipTableData> ReadAll();

    /// <summary>
    /// Adds a row and sets the table's version, both or neither. False if the silo has a row, or the version's ETag is not the table's.
    /// </summary>
    Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion);

    /// <summary>
    /// Replaces a row and sets the table's version, both or neither. False if there is no such row, or either ETag is not the stored one.
    /// </summary>
    Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion);

    /// <summary>Writes the entry's IAmAliveTime into its row, whatever the ETags; the table's version stays.</summary>
    Task UpdateIAmAlive(MembershipEntry entry);
}

/// <summary>The number of a state of the table, and the ETag that a change made from this state must name.</summary>
[GenerateSerializer, Immutable, Alias("TableVersion")]
public sealed class TableVersion(int version, string eTag) : IEquatable<TableVersion>
{
    [Id(0)]
    public int Version { get; } = version;

    [Id(1)]
    public string VersionEtag { get; } = eTag;

    public static bool operator ==(TableVersion? left, TableVersion? right) => Equals(left, right);

    public static bool operator !=(TableVersion? left, TableVersion? right) => !Equals(left, right);

    /// <summary>What a change made from this state sets: the next number, with the ETag that it expects to find.</summary>
    public TableVersion Next() => new(Version + 1, VersionEtag);

    public bool Equals(TableVersion? other) => other is not null && Version == other.Version && VersionEtag == other.VersionEtag;

    public override bool Equals(object? obj) => Equals(obj as TableVersion);

    public override int GetHashCode() => HashCode.Combine(Version, VersionEtag);

    public override string ToString() => $"<{Version}, {VersionEtag}>";
}

/// <summary>Rows of the table, each with its ETag, and the version of the table they were read at.</summary>
[GenerateSerializer, Alias("MembershipTableData")]
public sealed class MembershipTableData
{
    public MembershipTableData(List<Tuple<MembershipEntry, string>> list, TableVersion version)
    {
        Members = list;
        Version = version;
    }

    public MembershipTableData(Tuple<MembershipEntry, string> tuple, TableVersion version)
        : this([tuple], version)
    {
    }

    public MembershipTableData(TableVersion version)
        : this([], version)
    {
    }

    [Id(0)]
    public IReadOnlyList<Tuple<MembershipEntry, string>> Members { get; private set; }

    [Id(1)]
    public TableVersion Version { get; private set; }

    public Tuple<MembershipEntry, string>? TryGet(SiloAddress silo) => Members.FirstOrDefault(member => member.Item1.SiloAddress.Equals(silo));

    public override string ToString() => $"Version={Version}, silos: {string.Join(", ", Members.Select(member => member.Item1))}";
}
