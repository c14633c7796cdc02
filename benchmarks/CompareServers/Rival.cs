namespace OrleansKv.CompareServers;

/// <summary>A server in the comparison: its name and how it is started.</summary>
internal sealed record Rival(string Name, string CommandLine)
{
    /// <summary>
    /// The servers to compare, the one that the others are measured against first: redis-server, this server as published into
    /// <paramref name="published"/>, and what the command line adds to them, replaces or leaves out.
    /// </summary>
    public static List<Rival> Choose(IEnumerable<Rival> asked, string published)
    {
        var chosen = new List<Rival>
        {
            new("redis", "redis-server --port {port} --dir {dir} --save '' --appendonly no"),
            new("orleanskv", Path.Combine(published, "orleanskv") + " --port {port} --dir {dir}"),
        };
        foreach (Rival rival in asked)
        {
            int known = chosen.FindIndex(other => other.Name == rival.Name);
            if (known < 0)
                chosen.Add(rival);
            else
                chosen[known] = rival;
        }
        chosen.RemoveAll(rival => rival.CommandLine.Length == 0);
        return chosen;
    }
}
