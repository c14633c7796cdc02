// Stands for Orleans.Runtime.MembershipService.IRemoteSiloProber and IMembershipGossiper (sending), and for the MembershipSystemTarget
// (receiving): how the membership agents of silos talk to each other. The agent knows no sockets; the link knows no membership.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Sends for the agent. It sends to silos of any status, also before this silo is active. The agent brings the time limits, by the token;
/// a link that has given up earlier (refused, reset) says so at once by an exception.
/// </summary>
internal interface IMembershipLink
{
    /// <summary>
    /// Ends when exactly this incarnation has answered; an answer by a later one at the same endpoint is a failure. Throws anything otherwise.
    /// </summary>
    Task ProbeAsync(SiloAddress target, CancellationToken cancellationToken);

    /// <summary>
    /// Has the intermediary probe the target: what its <see cref="IMembershipReceiver.ReceiveIndirectProbeAsync"/> answered. Throws if that
    /// did not answer, or refused to judge: then nothing is known of the target.
    /// </summary>
    Task<bool> ProbeIndirectlyAsync(
        SiloAddress intermediary, SiloAddress target, TimeSpan probeTimeout, CancellationToken cancellationToken);

    /// <summary>Tells the target that the table has changed. Returns at once and never throws; it may get lost.</summary>
    void Gossip(SiloAddress target);
}

/// <summary>What the link hands to the agent on the receiving side, on any thread.</summary>
internal interface IMembershipReceiver
{
    /// <summary>
    /// A probe has come. The link answers it without waiting for anything: the answer says that this process runs and reads its connections.
    /// False if it is not to be answered, since this silo is dead or has left.
    /// </summary>
    bool ReceiveProbe();

    /// <summary>Probes the target in another's name. Throws if this silo is in no state to judge others; the link passes that on.</summary>
    Task<bool> ReceiveIndirectProbeAsync(SiloAddress target, TimeSpan probeTimeout, CancellationToken cancellationToken);

    /// <summary>The table has changed. Returns at once.</summary>
    void ReceiveGossip();
}
