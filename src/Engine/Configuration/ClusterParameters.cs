using static OrleansKv.Engine.Configuration.ConfigFlags;

namespace OrleansKv.Engine.Configuration;

/// <summary>The cluster as clients see it.</summary>
internal static class ClusterParameters
{
    private static readonly (string Name, ClusterEndpointType Value)[] EndpointTypes =
    [
        ("ip", ClusterEndpointType.Ip), ("hostname", ClusterEndpointType.HostName), ("unknown-endpoint", ClusterEndpointType.Unknown),
    ];

    internal static readonly ConfigParameter[] Rows =
    [
        new BoolParameter("cluster-enabled", c => c.ClusterEnabled, (c, v) => c.ClusterEnabled = v)
        {
            Flags = Immutable,
            Summary = "Send clients to the owner of a slot, as a node of a Redis cluster does. Otherwise every node serves the whole keyspace.",
        },
        new TextParameter("cluster-announce-ip", c => c.ClusterAnnounceIp, (c, v) => c.ClusterAnnounceIp = v)
        {
            Flags = Immutable, IsEmptyNull = true, Summary = "Address that clients are told; by default the one that the server listens on.",
        },
        new NumberParameter("cluster-announce-port", 0, 65535, c => c.ClusterAnnouncePort, (c, v) => c.ClusterAnnouncePort = (int)v)
        {
            Flags = Immutable, Summary = "Port that clients are told; 0 for the one that the server listens on.",
        },
        new TextParameter("cluster-announce-hostname", c => c.ClusterAnnounceHostName, (c, v) => c.ClusterAnnounceHostName = v!)
        {
            Flags = Immutable, Summary = "Host name that clients are told.",
        },
        new EnumParameter<ClusterEndpointType>(
            "cluster-preferred-endpoint-type", EndpointTypes, c => c.ClusterPreferredEndpointType, (c, v) => c.ClusterPreferredEndpointType = v)
        {
            Summary = "What a redirected client is told of a node.",
        },
        new NumberParameter("cluster-node-timeout", 0, int.MaxValue, c => c.ClusterNodeTimeoutMs, (c, v) => c.ClusterNodeTimeoutMs = (int)v)
        {
            Summary = "Milliseconds that a command waits for its slot to have an owner that serves it.",
        },
        new BoolParameter("cluster-require-full-coverage", c => c.ClusterRequireFullCoverage, (c, v) => c.ClusterRequireFullCoverage = v)
        {
            Summary = "Serve nothing while a slot has no owner.",
        },
        new BoolParameter("cluster-allow-reads-when-down", c => c.ClusterAllowReadsWhenDown, (c, v) => c.ClusterAllowReadsWhenDown = v)
        {
            Summary = "Serve reads all the same while a slot has no owner.",
        },
        new BoolParameter(
            "cluster-allow-pubsubshard-when-down", c => c.ClusterAllowPubSubShardWhenDown, (c, v) => c.ClusterAllowPubSubShardWhenDown = v)
        {
            Summary = "Serve the channels of a shard all the same while a slot has no owner.",
        },
    ];
}
