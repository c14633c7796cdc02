using System.Text.RegularExpressions;

namespace OrleansKv.Drill.Servers;

/// <summary>
/// How a node is started: a command line in which {port}, {host}, {dir}, {shared} (a directory of the whole cluster), {nodes} (how many) and
/// {replicas} are replaced. Quotes hold words together.
/// </summary>
/// <param name="IsCreatedByRedisCli">Its nodes become a cluster by <c>redis-cli --cluster create</c>; others find each other.</param>
/// <param name="TellsCopies">Nodes say in INFO how many copies every slot has.</param>
/// <param name="IsProxy">Every node serves every key, and none has CLUSTER commands.</param>
internal sealed partial record ServerKind(
    string Name, string CommandLine, bool IsCreatedByRedisCli, bool TellsCopies = false, bool IsProxy = false)
{
    /// <summary>Names the executable, where it is not the one built in this repository.</summary>
    private const string ExecutableVariable = "ORLEANSKV";

    private const string Solution = "OrleansKv.sln";

    /// <summary>This repository's server.</summary>
    public static ServerKind OrleansKv(bool isProxy, string flags) => new(
        isProxy ? "orleanskv-proxy" : "orleanskv",
        $"'{Executable()}' --port {{port}} --bind {{host}} --protected-mode no --dir {{dir}} --cluster-directory {{shared}} --cluster-initial-silos {{nodes}} "
        + $"--cluster-replicas {{replicas}} --cluster-enabled {(isProxy ? "no" : "yes")} {flags}",
        IsCreatedByRedisCli: false,
        TellsCopies: true,
        isProxy);

    /// <summary>A Redis Cluster without persistence, unless the flags say otherwise: of two values of an option the last one counts.</summary>
    public static ServerKind Redis(int nodeTimeoutMs, string flags) => new(
        "redis",
        "redis-server --port {port} --dir {dir} --bind 127.0.0.1 --cluster-enabled yes "
        + $"--cluster-node-timeout {nodeTimeoutMs} --save '' --appendonly no --loglevel warning {flags}",
        IsCreatedByRedisCli: true);

    public IReadOnlyList<string> Command(int port, string directory, string shared, int nodes, int replicas, string host = "127.0.0.1") =>
        [.. Word().Matches(CommandLine).Select(word => Unquoted(word.Value)
            .Replace("{port}", $"{port}", StringComparison.Ordinal)
            .Replace("{host}", host, StringComparison.Ordinal)
            .Replace("{dir}", directory, StringComparison.Ordinal)
            .Replace("{shared}", shared, StringComparison.Ordinal)
            .Replace("{nodes}", $"{nodes}", StringComparison.Ordinal)
            .Replace("{replicas}", $"{replicas}", StringComparison.Ordinal))];

    private static string Executable()
    {
        if (Environment.GetEnvironmentVariable(ExecutableVariable) is { Length: > 0 } named)
            return Path.GetFullPath(named);
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, Solution)))
            directory = directory.Parent;
        string built = Path.Combine(directory?.FullName ?? "", "src/Silo/bin/Release/net10.0/orleanskv");
        return File.Exists(built)
            ? built
            : throw new FormatException($"{built} is not there: dotnet build -c Release src/Silo, or set {ExecutableVariable}");
    }

    [GeneratedRegex("""'[^']*'|"[^"]*"|[^\s'"]+""")]
    private static partial Regex Word();

    private static string Unquoted(string word) => word[0] is '\'' or '"' ? word[1..^1] : word;
}
