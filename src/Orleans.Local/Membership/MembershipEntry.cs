// Stands for Orleans.MembershipEntry.
using System.Globalization;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A silo's row in the membership table. Times are UTC.</summary>
[GenerateSerializer, Alias("MembershipEntry")]
public sealed class MembershipEntry
{
    [Id(0)]
    public SiloAddress SiloAddress { get; set; } = null!;

    [Id(1)]
    public SiloStatus Status { get; set; }

    /// <summary>The silos that have voted for this one's death, and when.</summary>
    [Id(2)]
    public List<Tuple<SiloAddress, DateTime>> SuspectTimes { get; set; } = null!;

    /// <summary>The port for clients from outside the cluster; 0 if the silo takes none.</summary>
    [Id(3)]
    public int ProxyPort { get; set; }

    [Id(4)]
    public string HostName { get; set; } = null!;

    [Id(5)]
    public string SiloName { get; set; } = null!;

    [Id(6)]
    public string RoleName { get; set; } = null!;

    [Id(7)]
    public int UpdateZone { get; set; }

    [Id(8)]
    public int FaultZone { get; set; }

    [Id(9)]
    public DateTime StartTime { get; set; }

    /// <summary>When the silo last wrote that it lives.</summary>
    [Id(10)]
    public DateTime IAmAliveTime { get; set; }

    /// <summary>Adds a vote or renews the voter's own; where there are <paramref name="maxVotes"/> others, the oldest gives way.</summary>
    public void AddOrUpdateSuspector(SiloAddress localSilo, DateTime voteTime, int maxVotes)
    {
        SuspectTimes ??= [];
        int place = SuspectTimes.FindIndex(vote => vote.Item1.Equals(localSilo));
        if (place < 0 && SuspectTimes.Count >= maxVotes)
        {
            DateTime oldest = SuspectTimes.Min(vote => vote.Item2);
            if (voteTime >= oldest)
                place = SuspectTimes.FindIndex(vote => vote.Item2 == oldest);
        }

        if (place < 0)
            AddSuspector(localSilo, voteTime);
        else
            SuspectTimes[place] = Tuple.Create(localSilo, voteTime);
    }

    public void AddSuspector(SiloAddress suspectingSilo, DateTime suspectingTime) =>
        (SuspectTimes ??= []).Add(Tuple.Create(suspectingSilo, suspectingTime));

    public override string ToString() => $"SiloAddress={SiloAddress} SiloName={SiloName} Status={Status}";

    public string ToFullString() => string.Create(CultureInfo.InvariantCulture,
        $"[{this} HostName={HostName} ProxyPort={ProxyPort} StartTime={StartTime:O} IAmAliveTime={IAmAliveTime:O} Suspecters={Suspecters()}]");

    internal MembershipEntry Copy()
    {
        var copy = (MembershipEntry)MemberwiseClone();
        copy.SuspectTimes = SuspectTimes is null ? null! : [.. SuspectTimes];
        return copy;
    }

    private string Suspecters() => string.Join(", ", (SuspectTimes ?? []).Select(vote =>
        string.Create(CultureInfo.InvariantCulture, $"{vote.Item1} at {vote.Item2:O}")));
}
