using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>Keys, whatever they hold: here what only asks for them or removes them; expiry, moves, whole databases and OBJECT in files of
/// their own.</summary>
internal static partial class GenericCommands
{
    private const CommandFlags FastRead = CommandFlags.ReadOnly | CommandFlags.Fast;
    private const CommandFlags FastWrite = CommandFlags.Write | CommandFlags.Fast;

    public static IEnumerable<CommandRow> Rows => [.. KeyRows, .. MoveRows, .. ExpireRows, .. WalkRows, .. DatabaseRows, .. ObjectRows];

    private static CommandRow[] KeyRows =>
    [
        new("del", -2, CommandFlags.Write, AclCategories.Keyspace, CommandScope.Keys, Del)
        {
            Keys = [KeySpec.Range(1, -1, 1, "RM DELETE")],
            Syntax = "DEL key [key ...]",
            Summary = "Deletes one or more keys.",
            Complexity =
                "O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a "
                + "string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, "
                + "sorted set or hash. Removing a single key that holds a string value is O(1).",
            Tips = ["request_policy:multi_shard", "response_policy:agg_sum"],
        },
        new("unlink", -2, FastWrite, AclCategories.Keyspace, CommandScope.Keys, Unlink)
        {
            Keys = [KeySpec.Range(1, -1, 1, "RM DELETE")],
            Since = "4.0.0", Syntax = "UNLINK key [key ...]",
            Summary = "Asynchronously deletes one or more keys.",
            Complexity =
                "O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in "
                + "order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
            Tips = ["request_policy:multi_shard", "response_policy:agg_sum"],
        },
        new("exists", -2, FastRead, AclCategories.Keyspace, CommandScope.Keys, Exists)
        {
            Keys = [KeySpec.Range(1, -1, 1, "RO")],
            Syntax = "EXISTS key [key ...]",
            Summary = "Determines whether one or more keys exist.",
            Complexity = "O(N) where N is the number of keys to check.",
            Tips = ["request_policy:multi_shard", "response_policy:agg_sum"],
        },
        new("type", 2, FastRead, AclCategories.Keyspace, CommandScope.Keys, Type)
        {
            Keys = [KeySpec.At(1, "RO")],
            Syntax = "TYPE key",
            Summary = "Determines the type of value stored at a key.",
        },
        new("touch", -2, FastRead, AclCategories.Keyspace, CommandScope.Keys, Touch)
        {
            Keys = [KeySpec.Range(1, -1, 1, "RO")],
            Since = "3.2.1", Syntax = "TOUCH key [key ...]",
            Summary = "Returns the number of existing keys out of those specified after updating the time they were last accessed.",
            Complexity = "O(N) where N is the number of keys that will be touched.",
            Tips = ["request_policy:multi_shard", "response_policy:agg_sum"],
        },
    ];

    // DEL key [key ...]
    private static void Del(CommandContext context, ref ReplyWriter reply) => Remove(context, context.Config.LazyFreeUserDel, ref reply);

    // UNLINK key [key ...]
    private static void Unlink(CommandContext context, ref ReplyWriter reply) => Remove(context, lazily: true, ref reply);

    // EXISTS key [key ...]
    private static void Exists(CommandContext context, ref ReplyWriter reply)
    {
        var count = 0;
        for (var i = 1; i < context.Args.Count; i++)
            if (!context.Peek(context.Args[i]).IsNull) count++;
        reply.Integer(count);
    }

    // TYPE key
    private static void Type(CommandContext context, ref ReplyWriter reply)
    {
        var entry = context.Peek(context.Args[1]);
        reply.SimpleString(entry.IsNull ? "none"u8 : NameOf(entry.Type));
    }

    // TOUCH key [key ...]
    private static void Touch(CommandContext context, ref ReplyWriter reply)
    {
        var count = 0;
        for (var i = 1; i < context.Args.Count; i++)
        {
            var entry = context.FindForRead(context.Args[i]);
            if (entry.IsNull) continue;

            // What CLIENT NO-TOUCH leaves out is all that this command is for.
            if (context.Session.NoTouch) Execution.AccessClock.Touch(entry, context);
            count++;
        }

        reply.Integer(count);
    }

    private static void Remove(CommandContext context, bool lazily, ref ReplyWriter reply)
    {
        var count = 0;
        for (var i = 1; i < context.Args.Count; i++)
        {
            var key = context.Args[i];
            if (!context.Remove(key, lazily)) continue;
            context.Modified(key, KeyspaceEventClasses.Generic, "del"u8);
            count++;
        }

        reply.Integer(count);
    }

    private static ReadOnlySpan<byte> NameOf(KeyType type) => type switch
    {
        KeyType.String => "string"u8,
        KeyType.List => "list"u8,
        KeyType.Set => "set"u8,
        KeyType.SortedSet => "zset"u8,
        KeyType.Hash => "hash"u8,
        _ => "stream"u8,
    };
}
