using System.Globalization;
using OrleansKv.Drill.Servers;

namespace OrleansKv.Drill;

/// <summary>What is done to a node.</summary>
internal enum Fault
{
    /// <summary>kill -9; it is started again, in the same directory, after the writes are back.</summary>
    Kill,

    /// <summary>kill -9 and started again at once.</summary>
    Restart,

    /// <summary>SIGSTOP, and SIGCONT some seconds later.</summary>
    Pause,

    /// <summary>SIGTERM; it is started again after the writes are back.</summary>
    Stop,

    /// <summary>SIGTERM and started again, then kill -9 while it is given its slots back; it is started again after the writes are back.</summary>
    Moving,

    /// <summary>Cut off from the other nodes, while clients still reach it; joined again some seconds later.</summary>
    Cut,

    /// <summary>Cut off from one other node only.</summary>
    Pair,

    /// <summary>Cut off from everybody, clients included.</summary>
    Unplug,
}

/// <summary>What the command line asks for.</summary>
internal sealed class Options
{
    public const string Help = """
        benchmarks/drill/run: breaks a cluster while it is written to; counts what was lost, and for how long nothing could be written.

          --server NAME        redis (default): redis-server in cluster mode, made a cluster by redis-cli, persistence off
          --server orleanskv   this repository's server in cluster mode (dotnet build -c Release src/Silo, or ORLEANSKV names the executable)
          --server orleanskv-proxy   the same in proxy mode
          --server NAME=CMD    another server whose nodes find each other; in the command line {port}, {dir}, {shared} (a directory
                               of the whole cluster), {nodes} and {replicas} are replaced, quotes hold words together
          --create             the nodes of NAME=CMD are made a cluster by `redis-cli --cluster create`
          --redis-flags FLAGS  more flags for redis-server, for instance "--appendonly yes"
          --flags FLAGS        more flags for this repository's server
          --node-timeout MS    cluster-node-timeout of redis-server (default 15000, as in Redis)
          --nodes N            processes (default 6)
          --replicas R         copies of every slot besides the primary (default 1)
          --rounds N           faults, one a round (default 3); a round begins when every slot has its copies
          --isolate            every node has a network of its own (needs root): for the faults cut, pair and unplug
          --faults A,B         of kill,restart,pause,stop,moving,cut,pair,unplug, in turn (default kill)
                               kill: kill -9; started again once writes are back.  restart: kill -9, started again at once.
                               pause: SIGSTOP, later SIGCONT.  stop: SIGTERM; started again once writes are back.
                               moving: stopped and started again, and killed (-9) while slots come back to it; then started again.
                               cut: from the other nodes.  pair: from one other node.  unplug: from everybody.  All for as long as a pause.
          --pause SECONDS      how long a pause lasts (default 10)
          --victim WHO         owner (default): a random node that owns slots; any: a random node; or a node's number from 0
          --writers N          writers at full speed, one connection a node each (default 8); every fourth one waits 30 s for a reply
          --keys N             keys of each kind (value, counter, list) of a writer (default 16)
          --timeout MS         how long other clients wait for a reply before they give up and count its outcome as unknown (default 1000)
          --groups N           groups of slots that are probed for writability every few milliseconds (default 16)
          --registers N        registers that four more clients read and write together, for the linearizability checker (default 8)
          --recovery SECONDS   how long to wait for writes to be back, and again for the cluster to be whole (default 60)
          --limit SECONDS      how long all of it may take (default 900)
          --seed N             the same choices of victims and moments (default: random, and printed)
          --directory DIR      where the cluster's directory is made and removed (default: the system's temporary directory)
          --json FILE          write every number there, too
          --help               this text

        Every value that is written is unique, every key has one writer (registers excepted), and a write of unknown outcome is its key's
        last, so what must be found is known: the acknowledged number of writes, or one more.
          lost       acknowledged writes that are not there
          invented   values that nobody wrote, or that are there twice
          back       replies that show an older state than an earlier reply to the same client
          first ms   from the fault, or the end of the process that was told to stop, until every group of slots had acknowledged a write
                     begun after it
          gap ms     the longest time that a group of slots went without acknowledging a write
          whole ms   from the fault until every slot had its copies again, the victim's start included: every node says so, and WAIT does
          check      redis-cli --cluster check of the whole cluster: clean or bad; - of proxies, and where there is no redis-cli
          registers  linearizable / not / undecided

        Exit code: 0 nothing lost, 1 something lost or wrong, 2 wrong usage, 3 the drill could not be held.
        """;

    private readonly List<(string Name, string? CommandLine)> _servers = [];
    private string _redisFlags = "";
    private string _flags = "";
    private int _nodeTimeoutMs = 15_000;
    private bool _isCreated;

    public bool WantsHelp { get; private set; }

    public bool IsIsolated { get; private set; }

    public int Nodes { get; private set; } = 6;

    public int Replicas { get; private set; } = 1;

    public int Rounds { get; private set; } = 3;

    public IReadOnlyList<Fault> Faults { get; private set; } = [Fault.Kill];

    public int PauseMs { get; private set; } = 10_000;

    public string Victim { get; private set; } = "owner";

    public int Writers { get; private set; } = 8;

    public int Keys { get; private set; } = 16;

    public int TimeoutMs { get; private set; } = 1000;

    public int Groups { get; private set; } = 16;

    public int Registers { get; private set; } = 8;

    public int RecoveryMs { get; private set; } = 60_000;

    public int LimitMs { get; private set; } = 900_000;

    public int? Seed { get; private set; }

    public string Directory { get; private set; } = Path.GetTempPath();

    public string? JsonFile { get; private set; }

    public ServerKind Server => _servers.LastOrDefault() switch
    {
        (null, _) or ("redis", null) => ServerKind.Redis(_nodeTimeoutMs, _redisFlags),
        ("orleanskv" or "orleanskv-proxy", null) => ServerKind.OrleansKv(_servers[^1].Name == "orleanskv-proxy", _flags),
        (var name, { } commandLine) => new ServerKind(name, commandLine, _isCreated),
        (var name, null) => throw new FormatException($"--server {name}: needs a command line: {name}=…"),
    };

    /// <summary>Throws <see cref="FormatException"/> with a message for the user.</summary>
    public static Options Parse(params string[] args)
    {
        var options = new Options();
        var words = new Queue<string>(args);
        while (words.TryDequeue(out string? word))
        {
            if (word is "--help" or "-h")
                options.WantsHelp = true;
            else if (word == "--create")
                options._isCreated = true;
            else if (word == "--isolate")
                options.IsIsolated = true;
            else if (words.TryDequeue(out string? value))
                options.Take(word, value);
            else
                throw new FormatException($"{word} is not known, or needs a value");
        }
        _ = options.Server;
        if (!options.IsIsolated && options.Faults.Any(fault => fault is Fault.Cut or Fault.Pair or Fault.Unplug))
            throw new FormatException("cut, pair and unplug need --isolate");
        return options;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--server":
                string[] parts = value.Split('=', 2);
                _servers.Add((parts[0], parts.ElementAtOrDefault(1)));
                break;
            case "--redis-flags":
                _redisFlags = value;
                break;
            case "--flags":
                _flags = value;
                break;
            case "--faults":
                Faults = [.. value.Split(',').Select(FaultOf)];
                break;
            case "--victim":
                Victim = value is "owner" or "any" ? value : $"{Number(name, value, 0)}";
                break;
            case "--directory":
                Directory = value;
                break;
            case "--json":
                JsonFile = value;
                break;
            case "--seed":
                Seed = Number(name, value, 0);
                break;
            default:
                TakeNumber(name, value);
                break;
        }
    }

    private void TakeNumber(string name, string value)
    {
        switch (name)
        {
            case "--node-timeout":
                _nodeTimeoutMs = Number(name, value, 100);
                break;
            case "--nodes":
                Nodes = Number(name, value, 1);
                break;
            case "--replicas":
                Replicas = Number(name, value, 0);
                break;
            case "--rounds":
                Rounds = Number(name, value, 1);
                break;
            case "--pause":
                PauseMs = 1000 * Number(name, value, 1);
                break;
            case "--writers":
                Writers = Number(name, value, 1);
                break;
            case "--keys":
                Keys = Number(name, value, 1);
                break;
            case "--timeout":
                TimeoutMs = Number(name, value, 10);
                break;
            case "--groups":
                Groups = Number(name, value, 1);
                break;
            case "--registers":
                Registers = Number(name, value, 1);
                break;
            case "--recovery":
                RecoveryMs = 1000 * Number(name, value, 1);
                break;
            case "--limit":
                LimitMs = 1000 * Number(name, value, 1);
                break;
            default:
                throw new FormatException($"{name} {value}: not known");
        }
    }

    private static Fault FaultOf(string name) =>
        Enum.TryParse(name, ignoreCase: true, out Fault fault) && Enum.IsDefined(fault)
            ? fault
            : throw new FormatException($"{name}: not one of kill,restart,pause,stop,moving,cut,pair,unplug");

    private static int Number(string name, string value, int least) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number >= least && number <= 1_000_000
            ? number
            : throw new FormatException($"{name} {value}: not a number from {least} to 1000000");
}
