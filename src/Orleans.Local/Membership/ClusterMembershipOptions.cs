// Stands for Orleans.Configuration.ClusterMembershipOptions.
namespace Orleans.Configuration;

/// <summary>How silos watch one another.</summary>
public class ClusterMembershipOptions
{
    /// <summary>How many periods of <see cref="IAmAliveTablePublishTimeout"/> without a sign of life make a row stale: its silo has no voice.</summary>
    public int NumMissedTableIAmAliveLimit { get; set; } = 3;

    /// <summary>Without it nobody votes.</summary>
    public bool LivenessEnabled { get; set; } = true;

    /// <summary>How long the answer to a probe may take, and the time from one probe of a silo to the next.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the table is read even if nobody says that it has changed.</summary>
    public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a vote counts.</summary>
    public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a silo writes that it lives.</summary>
    public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a silo tries to become active before its start fails.</summary>
    public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether who changed the table tells the others, which then read it.</summary>
    public bool UseLivenessGossip { get; set; } = true;

    /// <summary>How many others a silo probes: its successors on the ring. Suspects come on top.</summary>
    public int NumProbedSilos { get; set; } = 10;

    /// <summary>How many missed probes in a row make a suspect.</summary>
    public int NumMissedProbesLimit { get; set; } = 3;

    /// <summary>How many votes make a suspect dead; fewer where fewer could vote.</summary>
    public int NumVotesForDeathDeclaration { get; set; } = 2;

    /// <summary>How long the rows of the dead stay.</summary>
    public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How often rows of the dead are removed; never if null.</summary>
    public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether a silo that was late itself lately gives the others more time.</summary>
    public bool ExtendProbeTimeoutDuringDegradation { get; set; } = true;

    /// <summary>Whether another silo is asked to probe a suspect before a vote.</summary>
    public bool EnableIndirectProbes { get; set; } = true;

    /// <summary>Whether a silo that stays in Joining for longer than <see cref="MaxJoinAttemptTime"/> is declared dead.</summary>
    public bool EvictWhenMaxJoinAttemptTimeExceeded { get; set; } = true;

    /// <summary>After this long without a sign of life in its row a silo has no voice.</summary>
    internal TimeSpan AllowedIAmAliveMissPeriod => IAmAliveTablePublishTimeout * NumMissedTableIAmAliveLimit;
}
