using System.Diagnostics.CodeAnalysis;

namespace OrleansKv.Engine.Configuration;

/// <summary>Parameters of one topic.</summary>
public sealed record ConfigParameterGroup(string Title, IReadOnlyList<ConfigParameter> Parameters);

/// <summary>All rows of the configuration, and the look-up by name or alias without regard to case.</summary>
public static class ConfigParameters
{
    private static readonly ConfigParameterGroup[] AllGroups =
    [
        new("Network", NetworkParameters.Rows),
        new("Process", ProcessParameters.Rows),
        new("Clients", ClientParameters.Rows),
        new("Memory and expiry", MemoryParameters.Rows),
        new("Compact encodings", EncodingParameters.Rows),
        new("Cluster", ClusterParameters.Rows),
        new("Replication", ReplicationParameters.Rows),
        new("Switched off", OffParameters.Rows),
    ];

    private static readonly ConfigParameter[] Rows = [.. AllGroups.SelectMany(group => group.Parameters)];

    private static readonly Dictionary<string, ConfigParameter> ByName = Index();

    /// <summary>Every row, once.</summary>
    public static IReadOnlyList<ConfigParameter> All => Rows;

    /// <summary>The rows by topic, as the documentation lists them.</summary>
    public static IReadOnlyList<ConfigParameterGroup> Groups => AllGroups;

    /// <summary>Finds a row by its name or an alias.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out ConfigParameter? parameter) => ByName.TryGetValue(name, out parameter);

    /// <summary>A row that must exist.</summary>
    public static ConfigParameter Get(string name) =>
        TryFind(name, out ConfigParameter? parameter) ? parameter : throw new ArgumentException($"There is no parameter '{name}'.");

    private static Dictionary<string, ConfigParameter> Index()
    {
        var byName = new Dictionary<string, ConfigParameter>(StringComparer.OrdinalIgnoreCase);
        foreach (ConfigParameter row in Rows)
        {
            byName.Add(row.Name, row);
            foreach (string alias in row.Aliases)
                byName.Add(alias, row);
        }

        return byName;
    }
}
