using static OrleansKv.Engine.Configuration.ConfigFlags;

namespace OrleansKv.Engine.Configuration;

/// <summary>Features that this version does not have, and that a client or a redis.conf may therefore switch off.</summary>
internal static class OffParameters
{
    internal static readonly ConfigParameter[] Rows =
    [
        new OffParameter("save", "", "", "this version writes no snapshots: the only value is \"\"")
        {
            Flags = MultiArgument, Summary = "Snapshots are off.",
        },
        new OffParameter("appendonly", "no", "no", "this version has no append-only file: the only value is 'no'")
        {
            Summary = "The append-only file is off.",
        },
        new OffParameter("replicaof", "", "no one", "this version does not replicate: the only value is 'no one'")
        {
            Aliases = ["slaveof"], Flags = Immutable | MultiArgument, Summary = "The server is a master.",
        },
    ];
}
