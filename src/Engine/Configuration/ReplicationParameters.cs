namespace OrleansKv.Engine.Configuration;

/// <summary>What writes ask of replicas.</summary>
internal static class ReplicationParameters
{
    internal static readonly ConfigParameter[] Rows =
    [
        new NumberParameter("min-replicas-to-write", 0, int.MaxValue, c => c.MinReplicasToWrite, (c, v) => c.MinReplicasToWrite = (int)v)
        {
            Aliases = ["min-slaves-to-write"], Summary = "Refuse writes while fewer replicas are there. 0: never.",
        },
        new NumberParameter("min-replicas-max-lag", 0, int.MaxValue, c => c.MinReplicasMaxLagSeconds, (c, v) => c.MinReplicasMaxLagSeconds = (int)v)
        {
            Aliases = ["min-slaves-max-lag"], Summary = "Seconds within which a replica must have answered to count as there. 0: writes are never refused.",
        },
    ];
}
