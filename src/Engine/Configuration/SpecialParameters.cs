using System.Globalization;

namespace OrleansKv.Engine.Configuration;

/// <summary><c>bind</c>: a list of addresses. No address at all means that there is no TCP listener.</summary>
internal sealed class BindParameter() : ConfigParameter("bind")
{
    private const int MaxAddresses = 16;

    public override string Values => "addresses; -address may be missing";

    public override string Print(ServerConfig config) => string.Join(' ', config.BindAddresses);

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        if (arguments.Count > MaxAddresses)
        {
            error = "Too many bind addresses specified.";
            return false;
        }

        error = null;
        config.BindAddresses = arguments is [""] ? [] : [.. arguments];
        return true;
    }

    protected override string PrintForFile(ServerConfig config) => config.BindAddresses.Length == 0 ? "\"\"" : Print(config);
}

/// <summary><c>dir</c>: the data directory. The path is always written out in full.</summary>
internal sealed class DirectoryParameter() : ConfigParameter("dir")
{
    public override string Values => "an existing directory";

    public override string Print(ServerConfig config) => ConfigText.FromUnicode(config.Directory);

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        string path = config.ResolvePath(ConfigText.ToUnicode(arguments[0]));
        if (arguments[0].Length == 0 || !Directory.Exists(path))
        {
            error = File.Exists(path) ? "Not a directory" : "No such file or directory";
            return false;
        }

        error = null;
        config.Directory = Path.TrimEndingDirectorySeparator(path);
        return true;
    }

    public override IEnumerable<RewriteLine> Rewrite(ServerConfig config) =>
        [new RewriteLine($"{Name} {ConfigText.Quote(Print(config))}", IsForced: true)];
}

/// <summary><c>notify-keyspace-events</c>: letters of event classes.</summary>
internal sealed class KeyspaceEventsParameter() : ConfigParameter("notify-keyspace-events")
{
    public override string Values => "letters of Ag$lshzxeKEtmdn";

    public override string Print(ServerConfig config) => KeyspaceEventLetters.Format(config.KeyspaceEvents);

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        if (!KeyspaceEventLetters.TryParse(arguments[0], out KeyspaceEventClasses classes))
        {
            error = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
            return false;
        }

        error = null;
        config.KeyspaceEvents = classes;
        return true;
    }

    protected override string PrintForFile(ServerConfig config) => ConfigText.Quote(Print(config));
}

/// <summary><c>client-output-buffer-limit</c>: class, hard limit, soft limit, soft seconds, for one class or several.</summary>
internal sealed class OutputBufferLimitParameter() : ConfigParameter("client-output-buffer-limit")
{
    private sealed record ClientClass(
        string Name, string OldName, Func<ServerConfig, OutputBufferLimit> Get, Action<ServerConfig, OutputBufferLimit> Set);

    private static readonly ClientClass[] Classes =
    [
        new("normal", "normal", c => c.NormalOutputBufferLimit, (c, limit) => c.NormalOutputBufferLimit = limit),
        new("replica", "slave", c => c.ReplicaOutputBufferLimit, (c, limit) => c.ReplicaOutputBufferLimit = limit),
        new("pubsub", "pubsub", c => c.PubSubOutputBufferLimit, (c, limit) => c.PubSubOutputBufferLimit = limit),
    ];

    public override string Values => "class, hard limit, soft limit, soft seconds; class is normal, replica or pubsub";

    /// <summary>CONFIG GET still prints the replica class under its old name.</summary>
    public override string Print(ServerConfig config) => string.Join(' ', Classes.Select(clientClass =>
    {
        OutputBufferLimit limit = clientClass.Get(config);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{clientClass.OldName} {limit.HardLimitBytes} {limit.SoftLimitBytes} {limit.SoftLimitSeconds}");
    }));

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        if (arguments.Count % 4 != 0)
        {
            error = "Wrong number of arguments in buffer limit configuration.";
            return false;
        }

        var parsed = new List<(ClientClass Class, OutputBufferLimit Limit)>();
        for (int i = 0; i < arguments.Count; i += 4)
        {
            string className = arguments[i];
            ClientClass? clientClass = Array.Find(Classes, candidate =>
                className.Equals(candidate.Name, StringComparison.OrdinalIgnoreCase)
                || className.Equals(candidate.OldName, StringComparison.OrdinalIgnoreCase));
            if (clientClass is null)
            {
                error = "Invalid client class specified in buffer limit configuration.";
                return false;
            }

            if (!MemorySize.TryParse(arguments[i + 1], out long hardBytes) || !MemorySize.TryParse(arguments[i + 2], out long softBytes)
                || !long.TryParse(arguments[i + 3], NumberStyles.None, CultureInfo.InvariantCulture, out long softSeconds))
            {
                error = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
                return false;
            }

            parsed.Add((clientClass, new OutputBufferLimit(hardBytes, softBytes, softSeconds)));
        }

        error = null;
        foreach ((ClientClass clientClass, OutputBufferLimit limit) in parsed)
            clientClass.Set(config, limit);
        return true;
    }

    public override IEnumerable<RewriteLine> Rewrite(ServerConfig config)
    {
        foreach (ClientClass clientClass in Classes)
        {
            OutputBufferLimit limit = clientClass.Get(config);
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{Name} {clientClass.Name} {MemorySize.Format(limit.HardLimitBytes)} {MemorySize.Format(limit.SoftLimitBytes)} {limit.SoftLimitSeconds}");
            yield return new RewriteLine(line, limit != clientClass.Get(Defaults));
        }
    }
}

/// <summary>
/// A parameter whose feature this version does not have: only the value that means "off" is accepted, since off is what takes effect.
/// Clients and test suites send that value to every server, and a redis.conf may state it.
/// </summary>
internal sealed class OffParameter(string name, string printed, string directive, string reason) : ConfigParameter(name)
{
    private readonly string[] _arguments = directive.Split(' ');

    public override string Values => directive.Length == 0 ? "\"\" only" : directive + " only";

    public override string Print(ServerConfig config) => printed;

    public override bool TrySet(ServerConfig config, IReadOnlyList<string> arguments, out string? error)
    {
        bool isOff = arguments.SequenceEqual(_arguments, StringComparer.OrdinalIgnoreCase)
            || (Has(ConfigFlags.MultiArgument) && printed.Length == 0 && arguments.Count == 0);
        error = isOff ? null : reason;
        return isOff;
    }

    protected override string PrintForFile(ServerConfig config) => directive.Length == 0 ? "\"\"" : directive;
}
