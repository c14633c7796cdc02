using System.Net;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansKv.Grains.Membership;

namespace OrleansKv.Grains.Tests.Membership;

/// <summary>What Orleans asks of a membership table: see IMembershipTable.</summary>
public sealed class FileMembershipTableTests : IDisposable
{
    private static readonly DateTime Start = new(2025, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryDirectory _directory = new();
    private readonly FileMembershipTable _table;

    public FileMembershipTableTests() => _table = Open();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ReadAll_NewTable_IsEmptyAtVersionZero()
    {
        await _table.InitializeMembershipTable(true);

        MembershipTableData data = await _table.ReadAll();

        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
    }

    [Fact]
    public async Task InsertRow_IsReadAsWrittenByAnotherTable()
    {
        await _table.InitializeMembershipTable(true);
        MembershipEntry entry = Entry(1);
        entry.AddSuspector(Silo(2), Start.AddSeconds(3));

        Assert.True(await _table.InsertRow(entry, (await _table.ReadAll()).Version.Next()));

        FileMembershipTable other = Open();
        await other.InitializeMembershipTable(true);
        MembershipTableData data = await other.ReadAll();
        MembershipEntry read = Assert.Single(data.Members).Item1;
        Assert.Equal(1, data.Version.Version);
        Assert.Equal(entry.ToFullString(), read.ToFullString());
        Assert.Equal((entry.SiloAddress, entry.ProxyPort, entry.StartTime), (read.SiloAddress, read.ProxyPort, read.StartTime));
        Assert.Equal(Tuple.Create(Silo(2), Start.AddSeconds(3)), Assert.Single(read.SuspectTimes!));
        Assert.Equal(DateTimeKind.Utc, read.IAmAliveTime.Kind);
    }

    [Fact]
    public async Task InsertRow_OfAKnownSilo_FailsAndChangesNothing()
    {
        await InsertAsync(1);
        MembershipTableData before = await _table.ReadAll();

        Assert.False(await _table.InsertRow(Entry(1), before.Version.Next()));

        Assert.Equal(before.Version, (await _table.ReadAll()).Version);
    }

    [Fact]
    public async Task InsertRow_FromAnOldVersion_FailsAndChangesNothing()
    {
        await _table.InitializeMembershipTable(true);
        TableVersion old = (await _table.ReadAll()).Version;
        await InsertAsync(1);
        MembershipTableData before = await _table.ReadAll();

        Assert.False(await _table.InsertRow(Entry(2), old.Next()));

        MembershipTableData after = await _table.ReadAll();
        Assert.Equal(before.Version, after.Version);
        Assert.Single(after.Members);
    }

    [Fact]
    public async Task UpdateRow_ReplacesTheRowAndRaisesTheVersion()
    {
        await InsertAsync(1);
        MembershipTableData before = await _table.ReadAll();
        var (entry, etag) = before.Members[0];
        entry.Status = SiloStatus.Active;

        Assert.True(await _table.UpdateRow(entry, etag, before.Version.Next()));

        MembershipTableData after = await _table.ReadAll();
        Assert.Equal(SiloStatus.Active, after.Members[0].Item1.Status);
        Assert.NotEqual(etag, after.Members[0].Item2);
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.NotEqual(before.Version.VersionEtag, after.Version.VersionEtag);
    }

    [Fact]
    public async Task UpdateRow_WithAnOldETagOfEither_Fails()
    {
        await InsertAsync(1);
        await InsertAsync(2);
        MembershipTableData before = await _table.ReadAll();
        var (entry, etag) = before.TryGet(Silo(1))!;
        Assert.True(await _table.UpdateRow(entry, etag, before.Version.Next()));
        MembershipTableData now = await _table.ReadAll();

        Assert.False(await _table.UpdateRow(entry, now.TryGet(Silo(1))!.Item2, before.Version.Next()));
        Assert.False(await _table.UpdateRow(entry, etag, now.Version.Next()));
        Assert.False(await _table.UpdateRow(Entry(3), now.TryGet(Silo(1))!.Item2, now.Version.Next()));

        Assert.Equal(now.Version, (await _table.ReadAll()).Version);
    }

    [Fact]
    public async Task UpdateRow_OfOneRow_LeavesTheETagOfAnother()
    {
        await InsertAsync(1);
        await InsertAsync(2);
        MembershipTableData before = await _table.ReadAll();
        var (entry, etag) = before.TryGet(Silo(1))!;

        await _table.UpdateRow(entry, etag, before.Version.Next());

        Assert.Equal(before.TryGet(Silo(2))!.Item2, (await _table.ReadAll()).TryGet(Silo(2))!.Item2);
    }

    [Fact]
    public async Task ReadRow_BringsThatRowAndTheTablesVersion()
    {
        await InsertAsync(1);
        await InsertAsync(2);

        MembershipTableData known = await _table.ReadRow(Silo(2));
        MembershipTableData unknown = await _table.ReadRow(Silo(3));

        Assert.Equal(Silo(2), Assert.Single(known.Members).Item1.SiloAddress);
        Assert.Equal(2, known.Version.Version);
        Assert.Empty(unknown.Members);
    }

    [Fact]
    public async Task UpdateIAmAlive_ChangesTheTimeAndNeitherVersionNorETag()
    {
        await InsertAsync(1);
        MembershipTableData before = await _table.ReadAll();

        await _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = Silo(1), IAmAliveTime = Start.AddMinutes(5) });

        MembershipTableData after = await _table.ReadAll();
        Assert.Equal(Start.AddMinutes(5), after.Members[0].Item1.IAmAliveTime);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(before.Members[0].Item2, after.Members[0].Item2);
        Assert.True(await _table.UpdateRow(before.Members[0].Item1, before.Members[0].Item2, before.Version.Next()));
    }

    [Fact]
    public async Task CleanupDefunctSiloEntries_RemovesTheOldThatAreNotActive()
    {
        await InsertAsync(1, SiloStatus.Dead);
        await InsertAsync(2, SiloStatus.Dead);
        await InsertAsync(3, SiloStatus.Active);
        await _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = Silo(2), IAmAliveTime = Start.AddDays(2) });

        await _table.CleanupDefunctSiloEntries(Start.AddDays(1));

        Assert.Equal(
            [Silo(2), Silo(3)], (await _table.ReadAll()).Members.Select(member => member.Item1.SiloAddress).OrderBy(silo => silo.Endpoint.Port));
    }

    [Fact]
    public async Task DeleteMembershipTableEntries_EmptiesTheTableOfThatCluster()
    {
        await InsertAsync(1);

        await _table.DeleteMembershipTableEntries("another");
        Assert.Single((await _table.ReadAll()).Members);
        await _table.DeleteMembershipTableEntries("files");

        Assert.Empty((await _table.ReadAll()).Members);
    }

    [Fact]
    public async Task Directory_OfAnotherCluster_IsRefused()
    {
        await _table.InitializeMembershipTable(true);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Open("another").InitializeMembershipTable(true));
    }

    [Fact]
    public async Task Table_ChangedByManyAtOnce_LosesNoChange()
    {
        const int Writers = 8, Changes = 40;
        await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => Open().InitializeMembershipTable(true)));

        int[] attempts = await Task.WhenAll(Enumerable.Range(1, Writers).Select(port => Task.Run(() => ChangeOftenAsync(port, Changes))));

        MembershipTableData data = await _table.ReadAll();
        Assert.Equal(Writers * Changes, data.Version.Version);
        Assert.Equal(Writers, data.Members.Count);
        Assert.All(data.Members, member => Assert.Equal(Changes, member.Item1.ProxyPort));
        Assert.True(attempts.Sum() > Writers * Changes, "nobody ever collided");
    }

    /// <summary>Inserts a row and counts its ProxyPort up to the number, each step a change. Gives the attempts it took.</summary>
    private async Task<int> ChangeOftenAsync(int port, int changes)
    {
        FileMembershipTable table = Open();
        int attempts = 0, lastVersion = 0;
        for (int change = 1; change <= changes; attempts++)
        {
            MembershipTableData data = await table.ReadAll();
            Assert.True(data.Version.Version >= lastVersion);
            lastVersion = data.Version.Version;
            Assert.Equal(lastVersion, data.Members.Sum(member => member.Item1.ProxyPort));
            Tuple<MembershipEntry, string>? row = data.TryGet(Silo(port));
            MembershipEntry entry = row?.Item1 ?? Entry(port);
            entry.ProxyPort = change;
            bool isDone = row is null
                ? await table.InsertRow(entry, data.Version.Next())
                : await table.UpdateRow(entry, row.Item2, data.Version.Next());
            change += isDone ? 1 : 0;
        }

        return attempts;
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), 7);

    private static MembershipEntry Entry(int port, SiloStatus status = SiloStatus.Joining) => new()
    {
        SiloAddress = Silo(port),
        Status = status,
        SiloName = $"silo{port}",
        HostName = "host",
        ProxyPort = 1,
        StartTime = Start,
        IAmAliveTime = Start,
    };

    private async Task InsertAsync(int port, SiloStatus status = SiloStatus.Joining)
    {
        await _table.InitializeMembershipTable(true);
        Assert.True(await _table.InsertRow(Entry(port, status), (await _table.ReadAll()).Version.Next()));
    }

    private FileMembershipTable Open(string clusterId = "files") => new(
        Options.Create(new FileClusteringOptions { Directory = _directory.Path }),
        Options.Create(new ClusterOptions { ClusterId = clusterId }));
}
