using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>A membership table that takes its time, fails for a while, and sometimes fails after it has done what it was asked.</summary>
public sealed class SimulatedTable(Simulation simulation)
{
    private readonly Simulation _simulation = simulation;
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> _rows = [];
    private TableVersion _version = new(0, "0");
    private long _lastETag;

    public bool IsUnavailable { get; set; }

    /// <summary>How likely a change that was made is reported as a failure.</summary>
    public double LostReply { get; set; }

    public IMembershipTable OpenFrom(SimulatedProcess process) => new Door(this, process);

    public SiloStatus? StatusOf(SiloAddress silo) => _rows.TryGetValue(silo, out var row) ? row.Entry.Status : null;

    public void Delete() => _rows.Clear();

    /// <summary>Puts a row there that no agent looks after.</summary>
    public void Insert(MembershipEntry entry)
    {
        _rows[entry.SiloAddress] = (Copy(entry), NextETag());
        _version = new(_version.Version + 1, NextETag());
    }

    private static MembershipEntry Copy(MembershipEntry entry) => new()
    {
        SiloAddress = entry.SiloAddress,
        Status = entry.Status,
        SuspectTimes = entry.SuspectTimes is null ? null! : [.. entry.SuspectTimes],
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName,
        SiloName = entry.SiloName,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };

    private string NextETag() => (++_lastETag).ToString(CultureInfo.InvariantCulture);

    private MembershipTableData Read(Func<SiloAddress, bool> isWanted) => new(
        [.. _rows.Values.Where(row => isWanted(row.Entry.SiloAddress)).Select(row => Tuple.Create(Copy(row.Entry), row.ETag))], _version);

    private bool Change(MembershipEntry entry, string? etag, TableVersion version)
    {
        string? stored = _rows.TryGetValue(entry.SiloAddress, out var row) ? row.ETag : null;
        if (stored != etag || version.VersionEtag != _version.VersionEtag)
            return false;
        _rows[entry.SiloAddress] = (Copy(entry), NextETag());
        _version = new(version.Version, NextETag());
        return true;
    }

    private sealed class Door(SimulatedTable table, SimulatedProcess process) : IMembershipTable
    {
        public Task InitializeMembershipTable(bool tryInitTableVersion) => DoAsync(() => true);

        public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

        public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => DoAsync(() => true);

        public Task<MembershipTableData> ReadRow(SiloAddress key) => DoAsync(() => table.Read(key.Equals));

        public Task<MembershipTableData> ReadAll() => DoAsync(() => table.Read(_ => true));

        public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => DoAsync(() => table.Change(entry, null, tableVersion));

        public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
            DoAsync(() => table.Change(entry, etag, tableVersion));

        public Task UpdateIAmAlive(MembershipEntry entry) => DoAsync(() =>
        {
            if (table._rows.TryGetValue(entry.SiloAddress, out var row))
                row.Entry.IAmAliveTime = entry.IAmAliveTime;
            return true;
        });

        private Task<T> DoAsync<T>(Func<T> work)
        {
            var done = new TaskCompletionSource<T>();
            process.After(table._simulation.Between(0.5, 5), () =>
            {
                if (table.IsUnavailable)
                {
                    done.SetException(new IOException("The table is unavailable."));
                    return;
                }

                T result = work();
                if (table._simulation.Random.NextDouble() < table.LostReply)
                    done.SetException(new IOException("The answer is lost."));
                else
                    done.SetResult(result);
            });
            return done.Task;
        }
    }
}
