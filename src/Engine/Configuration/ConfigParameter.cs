namespace OrleansKv.Engine.Configuration;

/// <summary>What is special about a parameter.</summary>
[Flags]
public enum ConfigFlags
{
    None = 0,

    /// <summary>Set before the start only.</summary>
    Immutable = 1,

    /// <summary>Takes several arguments; a single one is split at its spaces.</summary>
    MultiArgument = 2,

    /// <summary>Not matched by a pattern of CONFIG GET.</summary>
    Hidden = 4,

    /// <summary>Kept out of logs.</summary>
    Sensitive = 8,

    /// <summary>CONFIG SET needs <c>enable-protected-configs</c>.</summary>
    Protected = 16,

    /// <summary>Of one server, also where several serve the same keyspace: others are not told of CONFIG SET.</summary>
    OfServer = 32,
}

/// <summary>A line that CONFIG REWRITE proposes, to be written even where the file had none if the value is not the default.</summary>
public readonly record struct RewriteLine(string Text, bool IsForced);

/// <summary>
/// One row of the configuration: everything about a parameter. A row holds no value; it reads and writes the property of the
/// <see cref="ServerConfig"/> that it is given.
/// </summary>
public abstract class ConfigParameter(string name)
{
    /// <summary>Every property at its default, to compare with and to print.</summary>
    private protected static readonly ServerConfig Defaults = new();

    private static readonly string[] None = [];

    /// <summary>The name in redis.conf, in lower case.</summary>
    public string Name { get; } = name;

    /// <summary>Older names that mean the same.</summary>
    public string[] Aliases { get; init; } = None;

    public ConfigFlags Flags { get; init; }

    /// <summary>What it does, for the documentation.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Which values it takes, for the documentation.</summary>
    public abstract string Values { get; }

    /// <summary>The default as CONFIG GET prints it, unless the row says otherwise.</summary>
    public string Default
    {
        get => field ?? Print(Defaults);
        init;
    }

    public bool Has(ConfigFlags flag) => (Flags & flag) != 0;

    /// <summary>The value as CONFIG GET prints it.</summary>
    public abstract string Print(ServerConfig config);

    /// <summary>Sets the value from the arguments of a directive; otherwise gives the reason and changes nothing.</summary>
    public abstract bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error);

    /// <summary>The directives that give this value back.</summary>
    public virtual IEnumerable<RewriteLine> Rewrite(ServerConfig config)
    {
        yield return new RewriteLine($"{Name} {PrintForFile(config)}", Print(config) != Print(Defaults));
    }

    /// <summary>Sets the value from a single text, as CONFIG SET gets it.</summary>
    public bool TrySetText(ServerConfig config, string text, out string? error)
    {
        string[] arguments = !Has(ConfigFlags.MultiArgument) ? [text] : text.Length == 0 ? [] : text.Split(' ');
        return TrySet(config, arguments, out error);
    }

    /// <summary>The value as CONFIG REWRITE writes it.</summary>
    protected virtual string PrintForFile(ServerConfig config) => Print(config);
}
