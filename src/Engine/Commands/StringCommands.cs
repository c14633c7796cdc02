namespace OrleansKv.Engine.Commands;

/// <summary>Strings.</summary>
/// <remarks>
/// A string is its text in every encoding, in the block of its key. So a command on numbers parses and formats, which is cheap: the
/// digits lie beside the key. What OBJECT ENCODING shows is remembered from how the value came to be.
/// </remarks>
internal static partial class StringCommands
{
    private const CommandFlags FastRead = CommandFlags.ReadOnly | CommandFlags.Fast;
    private const CommandFlags FastWrite = CommandFlags.Write | CommandFlags.Fast;
    private const CommandFlags Growing = CommandFlags.Write | CommandFlags.DenyOom;
    private const CommandFlags FastGrowing = Growing | CommandFlags.Fast;

    public static IEnumerable<CommandRow> Rows =>
    [
        new("get", 2, FastRead, AclCategories.String, CommandScope.Keys, Get)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Group = "string", Syntax = "GET key",
            Summary = "Returns the string value of a key.",
        },
        new("mget", -2, FastRead, AclCategories.String, CommandScope.Keys, MGet)
        {
            Keys = [KeySpec.Range(1, -1, 1, "RO ACCESS")],
            Group = "string", Syntax = "MGET key [key ...]",
            Summary = "Atomically returns the string values of one or more keys.",
            Complexity = "O(N) where N is the number of keys to retrieve.",
            Tips = ["request_policy:multi_shard"],
        },
        new("strlen", 2, FastRead, AclCategories.String, CommandScope.Keys, StrLen)
        {
            Keys = [KeySpec.At(1, "RO")],
            Group = "string", Since = "2.2.0", Syntax = "STRLEN key",
            Summary = "Returns the length of a string value.",
        },
        new("getrange", 4, CommandFlags.ReadOnly, AclCategories.String, CommandScope.Keys, GetRange)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Group = "string", Since = "2.4.0", Syntax = "GETRANGE key start end",
            Summary = "Returns a substring of the string stored at a key.",
            Complexity =
                "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned "
                + "length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for "
                + "small strings.",
        },
        new("substr", 4, CommandFlags.ReadOnly, AclCategories.String, CommandScope.Keys, GetRange)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Group = "string", Syntax = "SUBSTR key start end",
            Summary = "Returns a substring from a string value.",
            Complexity =
                "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned "
                + "length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for "
                + "small strings.",
        },
        new("getdel", 2, FastWrite, AclCategories.String, CommandScope.Keys, GetDel)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE")],
            Group = "string", Since = "6.2.0", Syntax = "GETDEL key",
            Summary = "Returns the string value of a key after deleting the key.",
        },
        new("getex", -2, FastWrite, AclCategories.String, CommandScope.Keys, GetEx)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE") with { Notes = "RW and UPDATE because it changes the TTL" }],
            Group = "string", Since = "6.2.0",
            Syntax = "GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]",
            Summary = "Returns the string value of a key after setting its expiration time.",
        },
        new("set", -3, Growing, AclCategories.String, CommandScope.Keys, Set)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE VARIABLE_FLAGS") with { Notes = "RW and ACCESS due to the optional `GET` argument" }],
            Group = "string",
            Syntax = "SET key value [NX | XX] [GET] "
                + "[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
            Summary = "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
        },
        new("setnx", 3, FastGrowing, AclCategories.String, CommandScope.Keys, SetNx)
        {
            Keys = [KeySpec.At(1, "OW INSERT")],
            Group = "string", Syntax = "SETNX key value",
            Summary = "Set the string value of a key only when the key doesn't exist.",
        },
        new("setex", 4, Growing, AclCategories.String, CommandScope.Keys, SetEx)
        {
            Keys = [KeySpec.At(1, "OW UPDATE")],
            Group = "string", Since = "2.0.0", Syntax = "SETEX key seconds value",
            Summary = "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
        },
        new("psetex", 4, Growing, AclCategories.String, CommandScope.Keys, PSetEx)
        {
            Keys = [KeySpec.At(1, "OW UPDATE")],
            Group = "string", Since = "2.6.0", Syntax = "PSETEX key milliseconds value",
            Summary = "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.",
        },
        new("getset", 3, FastGrowing, AclCategories.String, CommandScope.Keys, GetSet)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Group = "string", Syntax = "GETSET key value",
            Summary = "Returns the previous string value of a key after setting it to a new value.",
        },
        new("mset", -3, Growing, AclCategories.String, CommandScope.Keys, MSet)
        {
            Keys = [KeySpec.Range(1, -1, 2, "OW UPDATE")],
            Group = "string", Since = "1.0.1", Syntax = "MSET key value [key value ...]",
            Summary = "Atomically creates or modifies the string values of one or more keys.",
            Complexity = "O(N) where N is the number of keys to set.",
            Tips = ["request_policy:multi_shard", "response_policy:all_succeeded"],
        },
        new("msetnx", -3, Growing, AclCategories.String, CommandScope.Keys, MSetNx)
        {
            Keys = [KeySpec.Range(1, -1, 2, "OW INSERT")],
            Group = "string", Since = "1.0.1", Syntax = "MSETNX key value [key value ...]",
            Summary = "Atomically modifies the string values of one or more keys only when all keys don't exist.",
            Complexity = "O(N) where N is the number of keys to set.",
        },
        new("append", 3, FastGrowing, AclCategories.String, CommandScope.Keys, Append)
        {
            Keys = [KeySpec.At(1, "RW INSERT")],
            Group = "string", Since = "2.0.0", Syntax = "APPEND key value",
            Summary = "Appends a string to the value of a key. Creates the key if it doesn't exist.",
            Complexity =
                "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value "
                + "is of any size, since the dynamic string library used by Redis will double the free space available on every "
                + "reallocation.",
        },
        new("setrange", 4, Growing, AclCategories.String, CommandScope.Keys, SetRange)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")],
            Group = "string", Since = "2.2.0", Syntax = "SETRANGE key offset value",
            Summary = "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
            Complexity =
                "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the "
                + "amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
        },
        new("incr", 2, FastGrowing, AclCategories.String, CommandScope.Keys, Incr)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Group = "string", Syntax = "INCR key",
            Summary = "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
        },
        new("decr", 2, FastGrowing, AclCategories.String, CommandScope.Keys, Decr)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Group = "string", Syntax = "DECR key",
            Summary = "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
        },
        new("incrby", 3, FastGrowing, AclCategories.String, CommandScope.Keys, IncrBy)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Group = "string", Syntax = "INCRBY key increment",
            Summary = "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
        },
        new("decrby", 3, FastGrowing, AclCategories.String, CommandScope.Keys, DecrBy)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Group = "string", Syntax = "DECRBY key decrement",
            Summary = "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.",
        },
        new("incrbyfloat", 3, FastGrowing, AclCategories.String, CommandScope.Keys, IncrByFloat)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Group = "string", Since = "2.6.0", Syntax = "INCRBYFLOAT key increment",
            Summary = "Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
        },
    ];
}
