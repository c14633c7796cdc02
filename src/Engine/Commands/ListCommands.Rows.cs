namespace OrleansKv.Engine.Commands;

/// <summary>The rows of the list commands.</summary>
internal static partial class ListCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("lpush", -3, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, LPush)
        {
            Keys = [KeySpec.At(1, "RW INSERT")], Group = "list", Since = "1.0.0",
            Syntax = "LPUSH key element [element ...]",
            Summary = "Prepends one or more elements to a list. Creates the key if it doesn't exist.",
            Complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        },
        new("rpush", -3, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, RPush)
        {
            Keys = [KeySpec.At(1, "RW INSERT")], Group = "list", Since = "1.0.0",
            Syntax = "RPUSH key element [element ...]",
            Summary = "Appends one or more elements to a list. Creates the key if it doesn't exist.",
            Complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        },
        new("lpushx", -3, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, LPushX)
        {
            Keys = [KeySpec.At(1, "RW INSERT")], Group = "list", Since = "2.2.0",
            Syntax = "LPUSHX key element [element ...]",
            Summary = "Prepends one or more elements to a list only when the list exists.",
            Complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        },
        new("rpushx", -3, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, RPushX)
        {
            Keys = [KeySpec.At(1, "RW INSERT")], Group = "list", Since = "2.2.0",
            Syntax = "RPUSHX key element [element ...]",
            Summary = "Appends an element to a list only when the list exists.",
            Complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        },
        new("lpop", -2, CommandFlags.Write | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, LPop)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE")], Group = "list", Since = "1.0.0",
            Syntax = "LPOP key [count]",
            Summary = "Returns the first elements in a list after removing it. Deletes the list if the last element was popped.",
            Complexity = "O(N) where N is the number of elements returned",
        },
        new("rpop", -2, CommandFlags.Write | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, RPop)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE")], Group = "list", Since = "1.0.0",
            Syntax = "RPOP key [count]",
            Summary = "Returns and removes the last elements of a list. Deletes the list if the last element was popped.",
            Complexity = "O(N) where N is the number of elements returned",
        },
        new("llen", 2, CommandFlags.ReadOnly | CommandFlags.Fast, AclCategories.List, CommandScope.Keys, LLen)
        {
            Keys = [KeySpec.At(1, "RO")], Group = "list", Since = "1.0.0",
            Syntax = "LLEN key",
            Summary = "Returns the length of a list.",
        },
        new("lindex", 3, CommandFlags.ReadOnly, AclCategories.List, CommandScope.Keys, LIndex)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")], Group = "list", Since = "1.0.0",
            Syntax = "LINDEX key index",
            Summary = "Returns an element from a list by its index.",
            Complexity =
                "O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the " +
                "first or the last element of the list O(1).",
        },
        new("lrange", 4, CommandFlags.ReadOnly, AclCategories.List, CommandScope.Keys, LRange)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")], Group = "list", Since = "1.0.0",
            Syntax = "LRANGE key start stop",
            Summary = "Returns a range of elements from a list.",
            Complexity =
                "O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for " +
                "large lists; and N is the number of elements in the specified range.",
        },
        new("lset", 4, CommandFlags.Write | CommandFlags.DenyOom, AclCategories.List, CommandScope.Keys, LSet)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")], Group = "list", Since = "1.0.0",
            Syntax = "LSET key index element",
            Summary = "Sets the value of an element in a list by its index.",
            Complexity = "O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).",
        },
        new("linsert", 5, CommandFlags.Write | CommandFlags.DenyOom, AclCategories.List, CommandScope.Keys, LInsert)
        {
            Keys = [KeySpec.At(1, "RW INSERT")], Group = "list", Since = "2.2.0",
            Syntax = "LINSERT key <BEFORE | AFTER> pivot element",
            Summary = "Inserts an element before or after another element in a list.",
            Complexity =
                "O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting " +
                "somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end " +
                "(tail) is O(N).",
        },
        new("lrem", 4, CommandFlags.Write, AclCategories.List, CommandScope.Keys, LRem)
        {
            Keys = [KeySpec.At(1, "RW DELETE")], Group = "list", Since = "1.0.0",
            Syntax = "LREM key count element",
            Summary = "Removes elements from a list. Deletes the list if the last element was removed.",
            Complexity = "O(N+M) where N is the length of the list and M is the number of elements removed.",
        },
        new("ltrim", 4, CommandFlags.Write, AclCategories.List, CommandScope.Keys, LTrim)
        {
            Keys = [KeySpec.At(1, "RW DELETE")], Group = "list", Since = "1.0.0",
            Syntax = "LTRIM key start stop",
            Summary = "Removes elements from both ends a list. Deletes the list if all elements were trimmed.",
            Complexity = "O(N) where N is the number of elements to be removed by the operation.",
        },
        new("lpos", -3, CommandFlags.ReadOnly, AclCategories.List, CommandScope.Keys, LPos)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")], Group = "list", Since = "6.0.6",
            Syntax = "LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
            Summary = "Returns the index of matching elements in a list.",
            Complexity =
                "O(N) where N is the number of elements in the list, for the average case. When searching for elements near the " +
                "head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.",
        },
        new("lmove", 5, CommandFlags.Write | CommandFlags.DenyOom, AclCategories.List, CommandScope.Keys, LMove)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "RW INSERT")], Group = "list", Since = "6.2.0",
            Syntax = "LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>",
            Summary =
                "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last " +
                "element was moved.",
        },
        new("rpoplpush", 3, CommandFlags.Write | CommandFlags.DenyOom, AclCategories.List, CommandScope.Keys, RPopLPush)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "RW INSERT")], Group = "list", Since = "1.2.0",
            Syntax = "RPOPLPUSH source destination",
            Summary =
                "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last " +
                "element was popped.",
        },
        new("lmpop", -4, CommandFlags.Write, AclCategories.List, CommandScope.Keys, LMPop)
        {
            Keys = [KeySpec.Counted(1, "RW ACCESS DELETE")], Group = "list", Since = "7.0.0",
            Syntax = "LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
            Summary = "Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.",
            Complexity = "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
        },
        new("blpop", -3, CommandFlags.Write | CommandFlags.Blocking, AclCategories.List, CommandScope.Keys, BLPop)
        {
            Keys = [KeySpec.Range(1, -2, 1, "RW ACCESS DELETE")], Group = "list", Since = "2.0.0",
            Syntax = "BLPOP key [key ...] timeout",
            Summary =
                "Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes the " +
                "list if the last element was popped.",
            Complexity = "O(N) where N is the number of provided keys.",
        },
        new("brpop", -3, CommandFlags.Write | CommandFlags.Blocking, AclCategories.List, CommandScope.Keys, BRPop)
        {
            Keys = [KeySpec.Range(1, -2, 1, "RW ACCESS DELETE")], Group = "list", Since = "2.0.0",
            Syntax = "BRPOP key [key ...] timeout",
            Summary =
                "Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes the " +
                "list if the last element was popped.",
            Complexity = "O(N) where N is the number of provided keys.",
        },
        new("blmove", 6, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Blocking, AclCategories.List, CommandScope.Keys, BLMove)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "RW INSERT")], Group = "list", Since = "6.2.0",
            Syntax = "BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
            Summary =
                "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available " +
                "otherwise. Deletes the list if the last element was moved.",
        },
        new(
            "brpoplpush", 4, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Blocking, AclCategories.List, CommandScope.Keys,
            BRPopLPush)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "RW INSERT")], Group = "list", Since = "2.2.0",
            Syntax = "BRPOPLPUSH source destination timeout",
            Summary =
                "Pops an element from a list, pushes it to another list and returns it. Block until an element is available " +
                "otherwise. Deletes the list if the last element was popped.",
        },
        new("blmpop", -5, CommandFlags.Write | CommandFlags.Blocking, AclCategories.List, CommandScope.Keys, BLMPop)
        {
            Keys = [KeySpec.Counted(2, "RW ACCESS DELETE")], Group = "list", Since = "7.0.0",
            Syntax = "BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
            Summary =
                "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. Deletes the " +
                "list if the last element was popped.",
            Complexity = "O(N+M) where N is the number of provided keys and M is the number of elements returned.",
        },
    ];
}
