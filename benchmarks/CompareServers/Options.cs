using System.Globalization;

namespace OrleansKv.CompareServers;

/// <summary>What the command line asks for.</summary>
internal sealed class Options
{
    public const string Help = """
        benchmarks/compare: redis-server and this server side by side, rounds interleaved, ratios of medians.

          --quick            one short round, little more than a minute
          --rounds N         rounds of the throughput tests (default 5)
          --seconds S        how long one test should take on redis-server, about (default 1)
          --tests A,B        of SET,GET,INCR,LPUSH,RPOP,SADD,HSET,ZADD,MSET,LRANGE_100 (default all)
          --depths A,B       pipeline depths (default 1,16,64)
          --parts A,B        of throughput,memory,start (default all)
          --server NAME=CMD  one more server; {port} and {dir} in the command line are replaced. The names redis and
                             orleanskv replace the default ones; an empty command line leaves that server out.
          --json FILE        write every number there, too
          --help             this text

        Throughput: redis-benchmark -c 50 -r 100000 -d 64, in thousand requests a second. Latency: the same at -P 1.
        Memory: resident bytes of a fresh process with 1,000,000 keys of 64 bytes. Start: until the first PONG.
        Persistence is off everywhere. redis-benchmark must be on PATH, and redis-server unless it is left out.
        """;

    public static readonly string[] AllTests = ["SET", "GET", "INCR", "LPUSH", "RPOP", "SADD", "HSET", "ZADD", "MSET", "LRANGE_100"];

    private static readonly string[] AllParts = ["throughput", "memory", "start"];

    public bool WantsHelp { get; private set; }

    public int Rounds { get; private set; } = 5;

    public double Seconds { get; private set; } = 1;

    public IReadOnlyList<string> Tests { get; private set; } = AllTests;

    public IReadOnlyList<int> Depths { get; private set; } = [1, 16, 64];

    public IReadOnlyList<string> Parts { get; private set; } = AllParts;

    /// <summary>Servers to add to the default ones, or to put in their place.</summary>
    public List<Rival> Servers { get; } = [];

    public string? JsonFile { get; private set; }

    /// <summary>Throws <see cref="FormatException"/> with a message for the user.</summary>
    public static Options Parse(string[] args)
    {
        var options = new Options();
        var words = new Queue<string>(args);
        while (words.TryDequeue(out string? word))
        {
            if (word is "--help" or "-h")
                options.WantsHelp = true;
            else if (word == "--quick")
                (options.Rounds, options.Seconds) = (1, 0.6);
            else if (words.TryDequeue(out string? value))
                options.Take(word, value);
            else
                throw new FormatException($"{word} is not known, or needs a value");
        }
        return options;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--rounds":
                Rounds = Math.Max(1, int.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "--seconds":
                Seconds = double.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--tests":
                Tests = Among(AllTests, value.ToUpperInvariant());
                break;
            case "--depths":
                Depths = [.. value.Split(',').Select(depth => int.Parse(depth, CultureInfo.InvariantCulture))];
                break;
            case "--parts":
                Parts = Among(AllParts, value);
                break;
            case "--json":
                JsonFile = value;
                break;
            case "--server" when value.Split('=', 2) is [string server, string commandLine]:
                Servers.Add(new Rival(server, commandLine));
                break;
            default:
                throw new FormatException($"{name} {value}: not known");
        }
    }

    private static string[] Among(string[] all, string value)
    {
        string[] chosen = value.Split(',');
        string? stranger = chosen.FirstOrDefault(name => !all.Contains(name));
        return stranger is null ? chosen : throw new FormatException($"{stranger}: not one of {string.Join(',', all)}");
    }
}
