using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansKv.Grains.Storage;

namespace OrleansKv.Grains.Membership;

/// <summary>
/// The membership table in a directory that all silos of a cluster share. <c>table/</c> has the table as a <see cref="VersionedFile"/>, so every
/// change is a compare-and-set of the whole, across processes and without locks; the ETags are version numbers. <c>alive/</c> has an empty file a
/// silo, whose time of last change is when the silo last said that it lives: saying so is one system call.
/// </summary>
internal sealed class FileMembershipTable(IOptions<FileClusteringOptions> options, IOptions<ClusterOptions> cluster) : IMembershipTable
{
    /// <summary>Enough to read afterwards how a failure went.</summary>
    private const int KeptVersions = 64;

    private readonly VersionedFile _file = FileIn(options.Value.Directory);
    private readonly string _aliveDirectory = Path.Combine(options.Value.Directory, "alive");
    private readonly string _clusterId = cluster.Value.ClusterId;

    /// <summary>The table in a cluster's directory.</summary>
    public static VersionedFile FileIn(string directory) => new(Path.Combine(directory, "table"), ".json", KeptVersions);

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.Run(() =>
    {
        Directory.CreateDirectory(_aliveDirectory);
        (long version, _) = Read();
        if (version == 0 && tryInitTableVersion)
            _file.TryReplace(0, new MembershipDocument(_clusterId, 0, []).Write());
    });

    public Task DeleteMembershipTableEntries(string clusterId) => Task.Run(() =>
    {
        if (clusterId == _clusterId)
            Remove(_ => true, versionStep: 1);
    });

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Task.Run(() =>
        Remove(row => row.Status != SiloStatus.Active && LastSign(row) < beforeDate.UtcDateTime, versionStep: 0));

    public Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        string address = key.ToParsableString();
        return Task.Run(() => ReadRows(row => row.Address == address));
    }

    public Task<MembershipTableData> ReadAll() => Task.Run(() => ReadRows(_ => true));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => Task.Run(() => Put(entry, null, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        Task.Run(() => Put(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) => Task.Run(() =>
    {
        string path = AlivePath(entry.SiloAddress.ToParsableString());
        if (!File.Exists(path))
            File.WriteAllBytes(path, []);
        File.SetLastWriteTimeUtc(path, entry.IAmAliveTime);
    });

    private (long Version, MembershipDocument Table) Read()
    {
        (long version, byte[] content) = _file.Read();
        if (version == 0)
            return (0, new(_clusterId, 0, []));
        MembershipDocument table = MembershipDocument.Read(content);
        return table.ClusterId == _clusterId
            ? (version, table)
            : throw new InvalidOperationException($"{options.Value.Directory} belongs to cluster '{table.ClusterId}', not '{_clusterId}'.");
    }

    private MembershipTableData ReadRows(Func<SiloRow, bool> isWanted)
    {
        (long version, MembershipDocument table) = Read();
        return new(
            [.. table.Silos.Where(isWanted).Select(row => Tuple.Create(row.ToEntry(LastSign(row)), row.ETag))],
            new TableVersion(table.Version, ETagOf(version)));
    }

    /// <param name="eTag">Of the row to replace; null to insert one.</param>
    private bool Put(MembershipEntry entry, string? eTag, TableVersion tableVersion)
    {
        (long version, MembershipDocument table) = Read();
        string address = entry.SiloAddress.ToParsableString();
        int place = Array.FindIndex(table.Silos, row => row.Address == address);
        string? stored = place < 0 ? null : table.Silos[place].ETag;
        if (ETagOf(version) != tableVersion.VersionEtag || stored != eTag)
            return false;

        SiloRow changed = SiloRow.From(entry, ETagOf(version + 1));
        SiloRow[] silos = [.. table.Silos];
        if (place < 0)
            silos = [.. silos, changed];
        else
            silos[place] = changed;
        return _file.TryReplace(version, (table with { Version = tableVersion.Version, Silos = silos }).Write());
    }

    private void Remove(Predicate<SiloRow> isUnwanted, int versionStep)
    {
        while (true)
        {
            (long version, MembershipDocument table) = Read();
            SiloRow[] removed = Array.FindAll(table.Silos, isUnwanted);
            if (removed.Length == 0)
                return;
            MembershipDocument rest = table with { Version = table.Version + versionStep, Silos = [.. table.Silos.Except(removed)] };
            if (!_file.TryReplace(version, rest.Write()))
                continue;
            foreach (SiloRow row in removed)
                File.Delete(AlivePath(row.Address));
            return;
        }
    }

    /// <summary>When the silo last said that it lives, or started.</summary>
    private DateTime LastSign(SiloRow row)
    {
        // A file that is not there has the year 1601.
        DateTime said = File.GetLastWriteTimeUtc(AlivePath(row.Address));
        DateTime written = row.Alive > row.Started ? row.Alive : row.Started;
        return said > written ? said : written;
    }

    private string AlivePath(string address) => Path.Combine(_aliveDirectory, Uri.EscapeDataString(address));

    private static string ETagOf(long version) => version.ToString(CultureInfo.InvariantCulture);
}
