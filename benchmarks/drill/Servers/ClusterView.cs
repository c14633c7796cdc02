using System.Net.Sockets;
using OrleansKv.Drill.Client;

namespace OrleansKv.Drill.Servers;

/// <summary>What nodes say about the cluster, asked over RESP as any client could.</summary>
internal static class ClusterView
{
    private const int TimeoutMs = 1000;
    private const string LeastCopies = "cluster_least_copies";

    /// <summary>
    /// Why the cluster is not whole in the eyes of this node, or null: it is whole when every slot is served and every shard has so many
    /// replicas that follow their master.
    /// </summary>
    public static string? WhyNotWhole(int port, int nodes, int replicas)
    {
        try
        {
            using var connection = RespConnection.Connect(port, TimeoutMs);
            Reply info = connection.Call("CLUSTER", "INFO");
            if (info.IsError)
                return info.Text;
            if (WhyNotServed(Fields(info.Text!), nodes) is { } why)
                return why;
            Reply shards = connection.Call("CLUSTER", "SHARDS");
            return WhyShardsLackCopies(shards, replicas) ?? WhyNotFollowing(connection);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>The same of a node that tells by INFO whether every slot is served, and has so many copies in sync.</summary>
    public static string? WhyNotCopied(int port, int nodes, int copies)
    {
        try
        {
            using var connection = RespConnection.Connect(port, TimeoutMs);
            Reply info = connection.Call("INFO", "cluster");
            if (info.IsError)
                return info.Text;
            Dictionary<string, string> fields = Fields(info.Text!);
            string? least = fields.GetValueOrDefault(LeastCopies);
            return WhyNotServed(fields, nodes) ?? (int.TryParse(least, out int count) && count >= copies ? null : $"{LeastCopies} is {least}");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>True when somebody answers PING there.</summary>
    public static bool Answers(int port)
    {
        try
        {
            using var connection = RespConnection.Connect(port, TimeoutMs);
            return connection.Call("PING").Text == "PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>The ports of the nodes that own slots, as this node knows them.</summary>
    public static IReadOnlyList<int> Owners(int port)
    {
        using var connection = RespConnection.Connect(port, TimeoutMs);
        Reply shards = connection.Call("CLUSTER", "SHARDS");
        return [.. shards.Items
            .Where(shard => shard["slots"]!.Items.Count > 0)
            .SelectMany(shard => shard["nodes"]!.Items)
            .Where(node => node["role"]!.Text == "master" && node["health"]!.Text == "online")
            .Select(node => (int)node["port"]!.Integer)];
    }

    private static string? WhyNotServed(Dictionary<string, string> fields, int nodes)
    {
        (string Name, string Value)[] wanted =
            [("cluster_state", "ok"), ("cluster_slots_assigned", "16384"), ("cluster_slots_ok", "16384"), ("cluster_known_nodes", $"{nodes}")];
        foreach ((string name, string value) in wanted)
        {
            if (fields.GetValueOrDefault(name) != value)
                return $"{name} is {fields.GetValueOrDefault(name)}";
        }
        return null;
    }

    private static string? WhyShardsLackCopies(Reply shards, int replicas)
    {
        if (shards.IsError)
            return shards.Text;
        foreach (Reply shard in shards.Items.Where(shard => shard["slots"]!.Items.Count > 0))
        {
            int Online(string role) => shard["nodes"]!.Items.Count(node => node["role"]!.Text == role && node["health"]!.Text == "online");
            if (Online("master") != 1)
                return "a shard has no master";
            if (Online("replica") < replicas)
                return "a shard has too few replicas";
        }
        return null;
    }

    // CLUSTER SHARDS calls a replica online that has lost its master.
    private static string? WhyNotFollowing(RespConnection connection)
    {
        Reply info = connection.Call("INFO", "replication");
        if (info.IsError)
            return info.Text;
        Dictionary<string, string> fields = Fields(info.Text!);
        if (fields.GetValueOrDefault("role") != "slave")
            return null;
        return fields.GetValueOrDefault("master_link_status") != "up" ? "a replica does not follow its master"
            : fields.GetValueOrDefault("master_sync_in_progress") != "0" ? "a replica is copying"
            : null;
    }

    private static Dictionary<string, string> Fields(string info) => info
        .Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(':', 2))
        .Where(parts => parts.Length == 2)
        .ToDictionary(parts => parts[0], parts => parts[1]);
}
