// Stands for Orleans.Runtime.IClusterMembershipService and Orleans.Runtime.IFatalErrorHandler.
namespace Orleans.Runtime;

/// <summary>The cluster's membership as this silo knows it.</summary>
public interface IClusterMembershipService
{
    ClusterMembershipSnapshot CurrentSnapshot { get; }

    /// <summary>The current snapshot, then every later one in order, until the silo stops.</summary>
    IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates { get; }

    /// <summary>Reads the table, until it is at the version at least; with no version, once.</summary>
    ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default);

    /// <summary>Declares a silo dead, without a vote. False if the table could not be changed or does not know the silo.</summary>
    Task<bool> TryKill(SiloAddress siloAddress);
}

/// <summary>Ends a silo that cannot go on: it was declared dead. What serving stops and how the process ends is for the host.</summary>
public interface IFatalErrorHandler
{
    bool IsUnexpected(Exception exception);

    void OnFatalException(object? sender = null, string? context = null, Exception? exception = null);
}
