using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Grains.Membership;

/// <summary>What a file of the membership table says: JSON, for people too. Times are UTC.</summary>
internal sealed record MembershipDocument(string ClusterId, int Version, SiloRow[] Silos)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        WriteIndented = true,
    };

    public static MembershipDocument Read(byte[] content) =>
        JsonSerializer.Deserialize<MembershipDocument>(content, Format) ?? throw new JsonException("The membership table is empty.");

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Format);
}

/// <param name="ETag">The number of the file that this row was last changed in.</param>
internal sealed record SiloRow(
    string Address,
    SiloStatus Status,
    string? Name,
    string? HostName,
    int ClientPort,
    string? RoleName,
    int UpdateZone,
    int FaultZone,
    DateTime Started,
    DateTime Alive,
    SuspectVote[] Votes,
    string ETag)
{
    public static SiloRow From(MembershipEntry entry, string eTag) => new(
        entry.SiloAddress.ToParsableString(),
        entry.Status,
        entry.SiloName,
        entry.HostName,
        entry.ProxyPort,
        entry.RoleName,
        entry.UpdateZone,
        entry.FaultZone,
        Utc(entry.StartTime),
        Utc(entry.IAmAliveTime),
        [.. (entry.SuspectTimes ?? []).Select(vote => new SuspectVote(vote.Item1.ToParsableString(), Utc(vote.Item2)))],
        eTag);

    /// <param name="alive">The silo's last sign of life, which may be later than what the row says.</param>
    public MembershipEntry ToEntry(DateTime alive) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(Address),
        Status = Status,
        SiloName = Name!,
        HostName = HostName!,
        ProxyPort = ClientPort,
        RoleName = RoleName!,
        UpdateZone = UpdateZone,
        FaultZone = FaultZone,
        StartTime = Started,
        IAmAliveTime = alive > Alive ? alive : Alive,
        SuspectTimes = [.. Votes.Select(vote => Tuple.Create(SiloAddress.FromParsableString(vote.By), vote.At))],
    };

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}

internal sealed record SuspectVote(string By, DateTime At);
