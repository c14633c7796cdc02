using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>Runs a command whose row's checks have passed and whose locks are held.</summary>
public delegate void CommandHandler(CommandContext context, ref ReplyWriter reply);

/// <summary>What is true of a command whatever its arguments; Redis's flags of the same names.</summary>
[Flags]
public enum CommandFlags : uint
{
    None = 0,
    Write = 1 << 0,
    ReadOnly = 1 << 1,
    DenyOom = 1 << 2,
    Admin = 1 << 3,
    PubSub = 1 << 4,
    NoScript = 1 << 5,
    Blocking = 1 << 6,
    Loading = 1 << 7,
    Stale = 1 << 8,
    SkipMonitor = 1 << 9,
    SkipSlowlog = 1 << 10,
    Asking = 1 << 11,
    Fast = 1 << 12,
    NoAuth = 1 << 13,
    MayReplicate = 1 << 14,
    NoMulti = 1 << 15,
    NoAsyncLoading = 1 << 16,
    AllowBusy = 1 << 17,
    NoMandatoryKeys = 1 << 18,
    MovableKeys = 1 << 19,

    /// <summary>Runs only where the configuration allows it: enable-debug-command.</summary>
    Protected = 1 << 20,
}

/// <summary>Categories of ACL rules, as ACL CAT names them.</summary>
[Flags]
public enum AclCategories : uint
{
    None = 0,
    Keyspace = 1 << 0,
    Read = 1 << 1,
    Write = 1 << 2,
    Set = 1 << 3,
    SortedSet = 1 << 4,
    List = 1 << 5,
    Hash = 1 << 6,
    String = 1 << 7,
    Bitmap = 1 << 8,
    HyperLogLog = 1 << 9,
    Geo = 1 << 10,
    Stream = 1 << 11,
    PubSub = 1 << 12,
    Admin = 1 << 13,
    Fast = 1 << 14,
    Slow = 1 << 15,
    Blocking = 1 << 16,
    Dangerous = 1 << 17,
    Connection = 1 << 18,
    Transaction = 1 << 19,
    Scripting = 1 << 20,
}

/// <summary>Where a command works, which decides what is locked and, over several silos, where it runs.</summary>
public enum CommandScope : byte
{
    /// <summary>The state of its connection alone.</summary>
    Connection,

    /// <summary>The state of this gateway: clients, subscriptions, configuration.</summary>
    Gateway,

    /// <summary>The keys that its arguments name; their slots are locked.</summary>
    Keys,

    /// <summary>Every slot, one after the other; the handler locks them (KEYS, SCAN, DBSIZE).</summary>
    EachSlot,

    /// <summary>Every slot at once; all are locked (FLUSHALL, SWAPDB).</summary>
    AllSlots,
}

/// <summary>One command: everything that can be decided without running it, and what COMMAND and its docs tell.</summary>
/// <param name="Name">Lower-case name; of a subcommand, its own word.</param>
/// <param name="Arity">Arguments with the name; negative means at least as many.</param>
/// <param name="Flags">Redis's flags.</param>
/// <param name="Categories">ACL categories beyond those that follow from the flags.</param>
/// <param name="Scope">Where it works.</param>
/// <param name="Handler">Null for a container, which only has subcommands.</param>
public sealed record CommandRow(
    string Name, int Arity, CommandFlags Flags, AclCategories Categories, CommandScope Scope, CommandHandler? Handler)
{
    /// <summary>Where the keys are among the arguments.</summary>
    public KeySpec[] Keys
    {
        get;
        init
        {
            field = value;
            OnlyKeyAt = value is [{ CountAt: 0 } only] && only.First == only.Last ? only.First : 0;
        }
    }
    = [];

    /// <summary>True where the handler works on a gateway's connection beside the keys: the command cannot come in a grain call.</summary>
    public bool NeedsConnection { get; init; }

    /// <summary>Rows of subcommands, found by the second argument.</summary>
    public CommandRow[] Subcommands { get; init; } = [];

    /// <summary>The syntax line of Redis's documentation: what COMMAND DOCS derives arguments from.</summary>
    public string Syntax { get; init; } = "";

    public string Summary { get; init; } = "";

    /// <summary>The Redis version that deprecated the command; empty where none did.</summary>
    public string DeprecatedSince { get; init; } = "";

    /// <summary>What to use in place of a deprecated command, in the words of Redis's documentation.</summary>
    public string ReplacedBy { get; init; } = "";

    /// <summary>The Redis version that brought the command.</summary>
    public string Since { get; init; } = "1.0.0";

    public string Complexity { get; init; } = "O(1)";

    /// <summary>COMMAND DOCS' group: "string", "list" …</summary>
    public string Group { get; init; } = "generic";

    /// <summary>Further facts that COMMAND INFO lists as tips ("nondeterministic_output", "request_policy:all_shards").</summary>
    public string[] Tips { get; init; } = [];

    /// <summary>"get", or "client|list" for a subcommand.</summary>
    public string FullName { get; internal set; } = Name;

    /// <summary>Index of the argument that is the command's only key whatever its arguments; 0 where there is no such.</summary>
    public int OnlyKeyAt { get; private init; }

    /// <summary>Place in the table's statistics.</summary>
    public int Index { get; internal set; }

    public bool IsWrite => (Flags & CommandFlags.Write) != 0;

    public bool Is(CommandFlags flag) => (Flags & flag) != 0;

    /// <summary>Whether a command of <paramref name="count"/> arguments, the name counted, has the right number of them.</summary>
    public bool AcceptsCount(int count) => Arity > 0 ? count == Arity : count >= -Arity;

    /// <summary>The ACL categories with those that follow from the flags.</summary>
    public AclCategories AllCategories
    {
        get
        {
            var all = Categories;
            if (IsWrite) all |= AclCategories.Write;
            if (Is(CommandFlags.ReadOnly) && (Categories & AclCategories.Scripting) == 0) all |= AclCategories.Read;
            if (Is(CommandFlags.Admin)) all |= AclCategories.Admin | AclCategories.Dangerous;
            if (Is(CommandFlags.PubSub)) all |= AclCategories.PubSub;
            if (Is(CommandFlags.Fast)) all |= AclCategories.Fast;
            if (Is(CommandFlags.Blocking)) all |= AclCategories.Blocking;
            return (all & AclCategories.Fast) == 0 ? all | AclCategories.Slow : all;
        }
    }
}
