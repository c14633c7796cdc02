using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Sets. This part has the rows and the commands on single members; others have random members and operations on several sets.</summary>
internal static partial class SetCommands
{
    private const CommandFlags FastRead = CommandFlags.ReadOnly | CommandFlags.Fast;
    private const CommandFlags FastWrite = CommandFlags.Write | CommandFlags.Fast;
    private const CommandFlags Grow = CommandFlags.Write | CommandFlags.DenyOom;

    private const string InterComplexity =
        "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.";

    private const string UnionComplexity = "O(N) where N is the total number of elements in all given sets.";

    public static IEnumerable<CommandRow> Rows =>
    [
        Row("sadd", -3, Grow | CommandFlags.Fast, SAdd, KeySpec.At(1, "RW INSERT")) with
        {
            Syntax = "SADD key member [member ...]", Summary = "Adds one or more members to a set. Creates the key if it doesn't exist.",
            Complexity = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.",
        },
        Row("srem", -3, FastWrite, SRem, KeySpec.At(1, "RW DELETE")) with
        {
            Syntax = "SREM key member [member ...]",
            Summary = "Removes one or more members from a set. Deletes the set if the last member was removed.",
            Complexity = "O(N) where N is the number of members to be removed.",
        },
        Row("smove", 4, FastWrite, SMove, KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "RW INSERT")) with
        {
            Syntax = "SMOVE source destination member", Summary = "Moves a member from one set to another.",
        },
        Row("sismember", 3, FastRead, SIsMember, KeySpec.At(1, "RO")) with
        {
            Syntax = "SISMEMBER key member", Summary = "Determines whether a member belongs to a set.",
        },
        Row("smismember", -3, FastRead, SMIsMember, KeySpec.At(1, "RO ACCESS")) with
        {
            Syntax = "SMISMEMBER key member [member ...]", Summary = "Determines whether multiple members belong to a set.",
            Since = "6.2.0", Complexity = "O(N) where N is the number of elements being checked for membership",
        },
        Row("scard", 2, FastRead, SCard, KeySpec.At(1, "RO")) with
        {
            Syntax = "SCARD key", Summary = "Returns the number of members in a set.",
        },
        Row("smembers", 2, CommandFlags.ReadOnly, SMembers, KeySpec.At(1, "RO ACCESS")) with
        {
            Syntax = "SMEMBERS key", Summary = "Returns all members of a set.", Complexity = "O(N) where N is the set cardinality.",
            Tips = ["nondeterministic_output_order"],
        },
        Row("sscan", -3, CommandFlags.ReadOnly, SScan, KeySpec.At(1, "RO ACCESS")) with
        {
            Syntax = "SSCAN key cursor [MATCH pattern] [COUNT count]", Summary = "Iterates over members of a set.", Since = "2.8.0",
            Complexity = ScanOptions.Complexity, Tips = ["nondeterministic_output"],
        },
        Row("spop", -2, FastWrite, SPop, KeySpec.At(1, "RW ACCESS DELETE")) with
        {
            Syntax = "SPOP key [count]",
            Summary = "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.",
            Complexity = "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
            Tips = ["nondeterministic_output"],
        },
        Row("srandmember", -2, CommandFlags.ReadOnly, SRandMember, KeySpec.At(1, "RO ACCESS")) with
        {
            Syntax = "SRANDMEMBER key [count]", Summary = "Get one or multiple random members from a set",
            Complexity = "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
            Tips = ["nondeterministic_output"],
        },
        Row("sinter", -2, CommandFlags.ReadOnly, SInter, KeySpec.Range(1, -1, 1, "RO ACCESS")) with
        {
            Syntax = "SINTER key [key ...]", Summary = "Returns the intersect of multiple sets.", Complexity = InterComplexity,
            Tips = ["nondeterministic_output_order"],
        },
        Row("sintercard", -3, CommandFlags.ReadOnly, SInterCard, KeySpec.Counted(1, "RO ACCESS")) with
        {
            Syntax = "SINTERCARD numkeys key [key ...] [LIMIT limit]", Since = "7.0.0", Complexity = InterComplexity,
            Summary = "Returns the number of members of the intersect of multiple sets.",
        },
        StoreRow("sinterstore", SInterStore, "RW UPDATE") with
        {
            Syntax = "SINTERSTORE destination key [key ...]", Summary = "Stores the intersect of multiple sets in a key.",
            Complexity = InterComplexity,
        },
        Row("sunion", -2, CommandFlags.ReadOnly, SUnion, KeySpec.Range(1, -1, 1, "RO ACCESS")) with
        {
            Syntax = "SUNION key [key ...]", Summary = "Returns the union of multiple sets.", Complexity = UnionComplexity,
            Tips = ["nondeterministic_output_order"],
        },
        StoreRow("sunionstore", SUnionStore, "OW UPDATE") with
        {
            Syntax = "SUNIONSTORE destination key [key ...]", Summary = "Stores the union of multiple sets in a key.",
            Complexity = UnionComplexity,
        },
        Row("sdiff", -2, CommandFlags.ReadOnly, SDiff, KeySpec.Range(1, -1, 1, "RO ACCESS")) with
        {
            Syntax = "SDIFF key [key ...]", Summary = "Returns the difference of multiple sets.", Complexity = UnionComplexity,
            Tips = ["nondeterministic_output_order"],
        },
        StoreRow("sdiffstore", SDiffStore, "OW UPDATE") with
        {
            Syntax = "SDIFFSTORE destination key [key ...]", Summary = "Stores the difference of multiple sets in a key.",
            Complexity = UnionComplexity,
        },
    ];

    private static CommandRow Row(string name, int arity, CommandFlags flags, CommandHandler handler, params KeySpec[] keys) =>
        new(name, arity, flags, AclCategories.Set, CommandScope.Keys, handler) { Keys = keys, Group = "set" };

    private static CommandRow StoreRow(string name, CommandHandler handler, string destinationFlags) =>
        Row(name, -3, Grow, handler, KeySpec.At(1, destinationFlags), KeySpec.Range(2, -1, 1, "RO ACCESS"));

    // SADD key member [member ...]
    private static void SAdd(CommandContext context, ref ReplyWriter reply)
    {
        var args = context.Args;
        var key = args[1];
        if (!context.TryWrite<SetValue>(key, ref reply, out var set)) return;
        if (set == null)
        {
            set = SetValue.CreateFor(args[2], args.Count - 2, context.Config);
            context.Add(key, set);
        }
        else
        {
            set.PrepareFor(args.Count - 2, context.Config);
        }

        long added = 0;
        for (var i = 2; i < args.Count; i++)
            if (set.Add(args[i], context.Config)) added++;
        if (added > 0) context.Modified(key, KeyspaceEventClasses.Set, "sadd"u8, added);
        reply.Integer(added);
    }

    // SREM key member [member ...]
    private static void SRem(CommandContext context, ref ReplyWriter reply)
    {
        var args = context.Args;
        var key = args[1];
        if (!context.TryWrite<SetValue>(key, ref reply, out var set)) return;
        long removed = 0;
        for (var i = 2; set is { Count: > 0 } && i < args.Count; i++)
            if (set.Remove(args[i])) removed++;
        if (removed > 0)
        {
            context.Modified(key, KeyspaceEventClasses.Set, "srem"u8, removed);
            context.RemoveIfEmpty(key, set!);
        }

        reply.Integer(removed);
    }

    // SMOVE source destination member
    private static void SMove(CommandContext context, ref ReplyWriter reply)
    {
        var sourceKey = context.Args[1];
        var destinationKey = context.Args[2];
        var member = context.Args[3];
        if (!context.TryWrite<SetValue>(sourceKey, ref reply, out var source)) return;
        if (source == null)
        {
            reply.Integer(0);
            return;
        }

        if (!context.TryWrite<SetValue>(destinationKey, ref reply, out var destination)) return;
        if (source == destination)
        {
            reply.Integer(source.Contains(member) ? 1 : 0);
            return;
        }

        if (!source.Remove(member))
        {
            reply.Integer(0);
            return;
        }

        // The slots of two sets may be followed apart from each other.
        if (context.SlotOf(sourceKey) != context.SlotOf(destinationKey))
        {
            context.Effects.Add("SREM"u8, sourceKey, member);
            context.Effects.Add("SADD"u8, destinationKey, member);
        }

        context.Modified(sourceKey, KeyspaceEventClasses.Set, "srem"u8);
        context.RemoveIfEmpty(sourceKey, source);
        if (destination == null)
        {
            destination = SetValue.CreateFor(member, 1, context.Config);
            context.Add(destinationKey, destination);
        }

        if (destination.Add(member, context.Config)) context.Modified(destinationKey, KeyspaceEventClasses.Set, "sadd"u8);
        reply.Integer(1);
    }

    // SISMEMBER key member
    private static void SIsMember(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<SetValue>(context.Args[1], ref reply, out var set)) return;
        reply.Integer(set != null && set.Contains(context.Args[2]) ? 1 : 0);
    }

    // SMISMEMBER key member [member ...]
    private static void SMIsMember(CommandContext context, ref ReplyWriter reply)
    {
        var args = context.Args;
        if (!context.TryRead<SetValue>(args[1], ref reply, out var set)) return;
        reply.Array(args.Count - 2);
        for (var i = 2; i < args.Count; i++) reply.Integer(set != null && set.Contains(args[i]) ? 1 : 0);
    }

    // SCARD key
    private static void SCard(CommandContext context, ref ReplyWriter reply)
    {
        if (context.TryRead<SetValue>(context.Args[1], ref reply, out var set)) reply.Integer(set?.Count ?? 0);
    }

    // SMEMBERS key
    private static void SMembers(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<SetValue>(context.Args[1], ref reply, out var set)) return;
        if (set == null) reply.Set(0);
        else WriteAll(set, ref reply);
    }

    // A set as a reply of its own.
    private static void WriteAll(SetValue set, ref ReplyWriter reply)
    {
        reply.Set((int)set.Count);
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        for (var members = set.Members(scratch); members.MoveNext();) reply.Bulk(members.Current);
    }
}
