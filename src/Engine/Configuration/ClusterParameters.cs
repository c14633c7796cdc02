using static OrleansKv.Engine.Configuration.ConfigFlags;

namespace OrleansKv.Engine.Configuration;

/// <summary>The cluster as clients see it.</summary>
internal static class ClusterParameters
{
    private static readonly (string Name, ClusterEndpointType Value)[] EndpointTypes =
    [
        ("ip", ClusterEndpointType.Ip), ("hostname", ClusterEndpointType.HostName), ("unknown-endpoint", ClusterEndpointType.Unknown),
    ];

    private static readonly (string Name, ServerRole Value)[] Roles = [("silo", ServerRole.Silo), ("gateway", ServerRole.Gateway)];

    internal static readonly ConfigParameter[] Rows =
    [
        new BoolParameter("cluster-enabled", c => c.ClusterEnabled, (c, v) => c.ClusterEnabled = v)
        {
            Flags = Immutable,
            Summary = "Send clients to the owner of a slot, as a node of a Redis cluster does. Otherwise every node serves the whole keyspace.",
        },
        new TextParameter("cluster-directory", c => c.ClusterDirectory, (c, v) => c.ClusterDirectory = v)
        {
            Flags = Immutable, IsEmptyNull = true,
            Summary = "Directory that the silos of a cluster share: who is a member, who owns which slots. Without one a silo is alone.",
        },
        new TextParameter("cluster-orleans-config", c => c.ClusterOrleansConfig, (c, v) => c.ClusterOrleansConfig = v)
        {
            Flags = Immutable, IsEmptyNull = true,
            Summary = "JSON file with Orleans's own configuration of clustering and grain storage (Redis, ADO.NET, Azure), in place of `cluster-directory`. "
                + "Needs a build with the Orleans packages.",
        },
        new EnumParameter<ServerRole>("role", Roles, c => c.Role, (c, v) => c.Role = v)
        {
            Flags = Immutable, Summary = "Own slots, or only let clients in and send their commands to the silos of the cluster.",
        },
        new NumberParameter("cluster-initial-silos", 1, 1000, c => c.ClusterInitialSilos, (c, v) => c.ClusterInitialSilos = (int)v)
        {
            Flags = Immutable, Summary = "Silos that a new cluster waits for before it assigns the slots to them.",
        },
        new BoolParameter("cluster-auto-assign", c => c.ClusterAutoAssign, (c, v) => c.ClusterAutoAssign = v)
        {
            Flags = Immutable,
            Summary = "Whether a new node gets slots and copies by itself. Otherwise it starts alone, for CLUSTER MEET, ADDSLOTS and the like, or redis-cli --cluster.",
        },
        new NumberParameter("cluster-port", 0, 65535, c => c.ClusterPort, (c, v) => c.ClusterPort = (int)v)
        {
            Flags = Immutable, Summary = "Port on which silos talk to each other; 0 for 10000 above the port of the clients.",
        },
        new NumberParameter("cluster-client-port", 0, 65535, c => c.ClusterClientPort, (c, v) => c.ClusterClientPort = (int)v)
        {
            Flags = Immutable, Summary = "Port for .NET clients, which call grains and are asked for no password; 0 for none.",
        },
        new TextParameter("cluster-config-file", c => c.ClusterConfigFile, (c, v) => c.ClusterConfigFile = v!)
        {
            Flags = Immutable, Summary = "File in the data directory that keeps the id of the node over restarts.",
        },
        new TextParameter("cluster-zone", c => c.ClusterZone, (c, v) => c.ClusterZone = v!)
        {
            Flags = Immutable, Summary = "Where the silo runs: a rack, an availability zone.",
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
        new NumberParameter("cluster-replicas", 0, 16, c => c.ClusterReplicas, (c, v) => c.ClusterReplicas = (int)v)
        {
            Flags = Immutable, Summary = "Copies of each slot that other silos keep, as far as there are others.",
        },
        new BoolParameter(
            "cluster-synchronous-replication", c => c.ClusterSynchronousReplication, (c, v) => c.ClusterSynchronousReplication = v)
        {
            Summary = "Let replies wait until the replicas in sync have what they depend on. Otherwise, as in Redis, a silo that fails may lose writes "
                + "that were acknowledged.",
        },
        new NumberParameter("cluster-migration-pause", 0, 60_000, c => c.ClusterMigrationPauseMs, (c, v) => c.ClusterMigrationPauseMs = (int)v)
        {
            Summary = "Milliseconds between two groups of slots that a silo hands over to another.",
        },
        new NumberParameter("repl-backlog-size", 16 * 1024, long.MaxValue, c => c.ReplBacklogBytes, (c, v) => c.ReplBacklogBytes = v)
        {
            Unit = NumberUnit.Memory,
            Summary = "Memory for what was written of late in a silo of a cluster. A replica that is further behind copies everything anew.",
        },
    ];
}
