// Stands for Orleans.Runtime.MembershipService.MembershipAgent and IMembershipManager: what the host of a silo sees of its membership.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// A silo's part in the cluster. The host calls, in this order: <see cref="JoinAsync"/> once the silo listens (stage RuntimeGrainServices),
/// <see cref="BecomeActiveAsync"/> (BecomeActive); on the way down <see cref="BeginLeavingAsync"/> before grains are deactivated and
/// <see cref="LeaveAsync"/> after it. Disposing alone stops the loops and tells nobody, as a crash would.
/// </summary>
internal interface IMembershipAgent : IClusterMembershipService, IMembershipReceiver, IAsyncDisposable
{
    /// <summary>
    /// Raised once, before anything else is done about it, on the thread that read that this silo is dead: it must stop serving inside this
    /// call. <see cref="IFatalErrorHandler.OnFatalException"/> follows, and ends the process in the host's way.
    /// </summary>
    event Action? DeclaredDead;

    /// <summary>This silo's own status: Created before it joined.</summary>
    SiloStatus LocalStatus { get; }

    /// <summary>
    /// Enters the silo in the table as Joining and declares older incarnations at the same endpoint dead. From here on the table is read
    /// regularly and on gossip. Throws OrleansException if a later incarnation is there, TimeoutException if the table cannot be
    /// written within MaxJoinAttemptTime.
    /// </summary>
    Task JoinAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Active, once all active silos that show signs of life have answered a probe; from here on this silo probes. Throws OrleansException
    /// after MaxJoinAttemptTime.
    /// </summary>
    Task BecomeActiveAsync(CancellationToken cancellationToken);

    /// <summary>ShuttingDown: others give this silo nothing new, it still answers.</summary>
    Task BeginLeavingAsync(CancellationToken cancellationToken);

    /// <summary>Dead, by its own hand; the loops end. A table that cannot be written is left to the others, which will notice.</summary>
    Task LeaveAsync(CancellationToken cancellationToken);
}
