using System.Text.RegularExpressions;

namespace OrleansKv.Drill.Servers;

/// <summary>
/// How a node is started: a command line in which {port}, {dir}, {shared} (a directory of the whole cluster), {nodes} (how many) and
/// {replicas} are replaced. Quotes hold words together.
/// </summary>
/// <param name="IsCreatedByRedisCli">Its nodes become a cluster by <c>redis-cli --cluster create</c>; others find each other.</param>
internal sealed partial record ServerKind(string Name, string CommandLine, bool IsCreatedByRedisCli)
{
    /// <summary>A Redis Cluster without persistence, unless the flags say otherwise: of two values of an option the last one counts.</summary>
    public static ServerKind Redis(int nodeTimeoutMs, string flags) => new(
        "redis",
        "redis-server --port {port} --dir {dir} --bind 127.0.0.1 --cluster-enabled yes "
        + $"--cluster-node-timeout {nodeTimeoutMs} --save '' --appendonly no --loglevel warning {flags}",
        IsCreatedByRedisCli: true);

    public IReadOnlyList<string> Command(int port, string directory, string shared, int nodes, int replicas) =>
        [.. Word().Matches(CommandLine).Select(word => Unquoted(word.Value)
            .Replace("{port}", $"{port}", StringComparison.Ordinal)
            .Replace("{dir}", directory, StringComparison.Ordinal)
            .Replace("{shared}", shared, StringComparison.Ordinal)
            .Replace("{nodes}", $"{nodes}", StringComparison.Ordinal)
            .Replace("{replicas}", $"{replicas}", StringComparison.Ordinal))];

    [GeneratedRegex("""'[^']*'|"[^"]*"|[^\s'"]+""")]
    private static partial Regex Word();

    private static string Unquoted(string word) => word[0] is '\'' or '"' ? word[1..^1] : word;
}
