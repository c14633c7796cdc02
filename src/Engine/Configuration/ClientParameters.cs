using static OrleansKv.Engine.Configuration.ConfigFlags;

namespace OrleansKv.Engine.Configuration;

/// <summary>What clients may do and use up.</summary>
internal static class ClientParameters
{
    /// <summary>The least that Redis lets a limit on requests be.</summary>
    private const long MinRequestBytes = 1L << 20;

    internal static readonly ConfigParameter[] Rows =
    [
        new TextParameter("requirepass", PrintPassword, (c, v) => c.RequirePass = v is null ? null : ConfigText.ToBytes(v))
        {
            Flags = Sensitive, IsEmptyNull = true, IsBinary = true, Summary = "Password of the default user.",
        },
        new NumberParameter("maxclients", 1, uint.MaxValue, c => c.MaxClients, (c, v) => c.MaxClients = v)
        {
            Summary = "Connections at one time.",
        },
        new NumberParameter("timeout", 0, int.MaxValue, c => c.TimeoutSeconds, (c, v) => c.TimeoutSeconds = (int)v)
        {
            Summary = "Seconds after which an idle client is closed; 0 for never.",
        },
        new NumberParameter(
            "proto-max-bulk-len", MinRequestBytes, long.MaxValue, c => c.ProtoMaxBulkLengthBytes, (c, v) => c.ProtoMaxBulkLengthBytes = v)
        {
            Unit = NumberUnit.Memory, Summary = "Longest argument of a command, and longest string value.",
        },
        new NumberParameter(
            "client-query-buffer-limit",
            MinRequestBytes,
            long.MaxValue,
            c => c.ClientQueryBufferLimitBytes,
            (c, v) => c.ClientQueryBufferLimitBytes = v)
        {
            Unit = NumberUnit.Memory, Summary = "Unprocessed input of a client; above it the client is closed.",
        },
        new OutputBufferLimitParameter
        {
            Flags = MultiArgument, Summary = "Unsent output of a client, by class; above it the client is closed.",
        },
        new NumberParameter("maxmemory-clients", -100, long.MaxValue, c => c.MaxMemoryClients, (c, v) => c.MaxMemoryClients = v)
        {
            Unit = NumberUnit.MemoryOrPercent, Summary = "Memory of all clients' buffers; above it the biggest are closed. 0 for no limit.",
        },
        new KeyspaceEventsParameter { Summary = "Keyspace events to publish; empty for none." },
    ];

    private static string? PrintPassword(ServerConfig config) =>
        config.RequirePass is null ? null : ConfigText.FromBytes(config.RequirePass);
}
