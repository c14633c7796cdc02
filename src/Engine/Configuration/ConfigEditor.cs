using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Configuration;

/// <summary>
/// CONFIG GET and CONFIG SET on a running server, without the protocol around them. Names and values are configuration text
/// (<see cref="ConfigText"/>); errors are Redis's, without the leading ERR.
/// </summary>
public static class ConfigEditor
{
    /// <summary>
    /// The parameters that the names and glob patterns of CONFIG GET stand for, each once, with their values. A name is answered as it was
    /// asked for; a pattern matches names and aliases.
    /// </summary>
    public static List<KeyValuePair<string, string>> Get(ServerConfig config, IReadOnlyList<string> patterns)
    {
        var found = new List<KeyValuePair<string, string>>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        lock (config.Gate)
        {
            foreach (string pattern in patterns)
            {
                if (ConfigText.IsPattern(pattern))
                    AddMatching(config, pattern, seen, found);
                else if (ConfigParameters.TryFind(pattern, out ConfigParameter? parameter) && seen.Add(pattern))
                    found.Add(new KeyValuePair<string, string>(pattern, parameter.Print(config)));
            }
        }

        return found;
    }

    /// <summary>
    /// Sets all pairs or none. Gives null, or the error text; after an error, values and what hangs on them are as they were.
    /// </summary>
    /// <param name="config">The configuration to change.</param>
    /// <param name="pairs">Name, value, name, value, …: an even number.</param>
    /// <param name="isLocalClient">Whether the client may change what <c>enable-protected-configs local</c> allows.</param>
    public static string? Set(ServerConfig config, IReadOnlyList<string> pairs, bool isLocalClient)
    {
        lock (config.Gate)
        {
            string? error = FindSettings(config, pairs, isLocalClient, out Setting[] settings);
            if (error is not null)
                return error;

            foreach (Setting setting in settings)
            {
                if (setting.Parameter.TrySetText(config, setting.NewValue, out string? reason))
                    continue;
                Restore(config, settings);
                return Failure(setting.Name, reason);
            }

            return Apply(config, settings);
        }
    }

    /// <summary>Of pairs of names and values those that all servers of one keyspace share.</summary>
    public static string[] OfCluster(IReadOnlyList<string> pairs)
    {
        var shared = new List<string>();
        for (int i = 0; i < pairs.Count; i += 2)
            if (ConfigParameters.TryFind(pairs[i], out ConfigParameter? parameter) && !parameter.Has(ConfigFlags.OfServer))
                shared.AddRange([pairs[i], pairs[i + 1]]);
        return [.. shared];
    }

    private static void AddMatching(
        ServerConfig config, string pattern, HashSet<string> seen, List<KeyValuePair<string, string>> found)
    {
        foreach (ConfigParameter parameter in ConfigParameters.All)
        {
            if (parameter.Has(ConfigFlags.Hidden))
                continue;
            foreach (string name in (ReadOnlySpan<string>)[parameter.Name, .. parameter.Aliases])
            {
                if (Glob.IsMatch(ConfigText.ToBytes(pattern), ConfigText.ToBytes(name), ignoreCase: true) && seen.Add(name))
                    found.Add(new KeyValuePair<string, string>(name, parameter.Print(config)));
            }
        }
    }

    private static string? FindSettings(
        ServerConfig config, IReadOnlyList<string> pairs, bool isLocalClient, out Setting[] settings)
    {
        settings = new Setting[pairs.Count / 2];
        for (int i = 0; i < settings.Length; i++)
        {
            string name = pairs[2 * i];
            if (!ConfigParameters.TryFind(name, out ConfigParameter? parameter))
                return $"Unknown option or number of arguments for CONFIG SET - '{name}'";
            if (parameter.Has(ConfigFlags.Immutable))
                return Failure(name, "can't set immutable config");
            if (parameter.Has(ConfigFlags.Protected) && !ServerConfig.IsAllowed(config.EnableProtectedConfigs, isLocalClient))
                return Failure(name, "can't set protected config");
            if (settings.Take(i).Any(setting => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                return Failure(name, "duplicate parameter");
            settings[i] = new Setting(name.ToLowerInvariant(), parameter, parameter.Print(config), pairs[(2 * i) + 1]);
        }

        return null;
    }

    /// <summary>Runs the appliers of the parameters that changed, each once; when one refuses, puts everything back.</summary>
    private static string? Apply(ServerConfig config, Setting[] settings)
    {
        var applied = new List<Func<string?>>();
        foreach (Setting setting in settings)
        {
            if (setting.Parameter.Print(config) == setting.OldValue)
                continue;
            foreach (Func<string?> apply in config.AppliersOf(setting.Parameter.Name))
            {
                if (applied.Contains(apply))
                    continue;
                applied.Add(apply);
                if (apply() is not { } reason)
                    continue;
                Restore(config, settings);
                foreach (Func<string?> reapply in applied)
                    reapply();
                return Failure(setting.Name, reason);
            }
        }

        return null;
    }

    private static void Restore(ServerConfig config, Setting[] settings)
    {
        foreach (Setting setting in settings)
        {
            if (!setting.Parameter.TrySetText(config, setting.OldValue, out string? reason))
                throw new InvalidOperationException($"'{setting.Name}' does not take its own value back: {reason}");
        }
    }

    private static string Failure(string name, string? reason) =>
        $"CONFIG SET failed (possibly related to argument '{name}') - {reason}";

    /// <summary>One pair of CONFIG SET; the name is the one that the client used, which may be an alias.</summary>
    private sealed record Setting(string Name, ConfigParameter Parameter, string OldValue, string NewValue);
}
