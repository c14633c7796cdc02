using OrleansKv.Contracts;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Server;

/// <summary>A silo's replication as clients of Redis know it, at one moment: what INFO, ROLE and HELLO tell.</summary>
internal sealed class ReplicationView
{
    public ReplicationView(RespServer server)
    {
        Offset = server.Store.Journal?.LastLsn ?? 0;
        if (server.Cluster is not { } cluster) return;
        var routes = cluster.Routes;
        if (server.IsClusterMode) Master = MasterOf(routes);
        IsInSync = Master?.Member.InSync.Contains(cluster.Self) == true;
        if (server.Store.Replication is { } replication && routes.SelfOwnsSlots) Replicas = ReplicasOf(routes, replication);
    }

    /// <summary>Whose replica the silo is shown as, in cluster mode. Null of a master.</summary>
    public ClusterNode? Master { get; }

    /// <summary>Whether this silo has all that <see cref="Master"/> has acknowledged.</summary>
    public bool IsInSync { get; }

    /// <summary>The LSN of the last record in this silo's journal.</summary>
    public long Offset { get; }

    /// <summary>The silos that keep copies of what this one owns, or are on the way to.</summary>
    public IReadOnlyList<Replica> Replicas { get; } = [];

    /// <summary>A silo that keeps copies.</summary>
    /// <param name="Endpoint">Where clients reach it.</param>
    /// <param name="IsComplete">Whether it has all of them.</param>
    /// <param name="Offset">It has the records up to this LSN; 0 while its copies are not complete.</param>
    /// <param name="LagMs">Since it last answered.</param>
    public readonly record struct Replica(NodeEndpoint Endpoint, bool IsComplete, long Offset, long LagMs);

    private static ClusterNode? MasterOf(RouteTable routes) =>
        routes.SelfIsReplica ? ClusterNode.Of(routes)[routes.Self].Master : null;

    private static List<Replica> ReplicasOf(RouteTable routes, Engine.Replication.IReplicationState replication)
    {
        var replicas = new List<Replica>();
        var nowMs = replication.NowMs;
        var progress = replication.Progress.ToDictionary(replica => replica.Silo);
        foreach (var silo in routes.Map.Members[routes.Self].Replicas)
        {
            if (routes.Map.Find(silo) is not { } member) continue;
            replicas.Add(progress.TryGetValue(silo, out var complete)
                ? new Replica(member.Endpoint, true, complete.AckedLsn, Math.Max(0, nowMs - complete.HeardMs))
                : new Replica(member.Endpoint, false, 0, 0));
        }

        return replicas;
    }
}
