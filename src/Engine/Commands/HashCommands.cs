using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Hashes. This part has the rows, the commands on one field and those that change several.</summary>
internal static partial class HashCommands
{
    private const CommandFlags FastRead = CommandFlags.ReadOnly | CommandFlags.Fast;
    private const CommandFlags FastGrow = CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast;

    private static ReadOnlySpan<byte> NotIntegerValue => "ERR hash value is not an integer"u8;
    private static ReadOnlySpan<byte> NotFloatValue => "ERR hash value is not a float"u8;

    public static IEnumerable<CommandRow> Rows =>
    [
        Row("hset", -4, FastGrow, HSet, "RW UPDATE") with
        {
            Syntax = "HSET key field value [field value ...]", Summary = "Creates or modifies the value of a field in a hash.",
            Complexity = "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple "
                + "field/value pairs.",
        },
        Row("hsetnx", 4, FastGrow, HSetNx, "RW INSERT") with
        {
            Syntax = "HSETNX key field value", Summary = "Sets the value of a field in a hash only when the field doesn't exist.",
        },
        Row("hget", 3, FastRead, HGet, "RO ACCESS") with
        {
            Syntax = "HGET key field", Summary = "Returns the value of a field in a hash.",
        },
        Row("hmset", -4, FastGrow, HMSet, "RW UPDATE") with
        {
            Syntax = "HMSET key field value [field value ...]", Summary = "Sets the values of multiple fields.",
            Complexity = "O(N) where N is the number of fields being set.", DeprecatedSince = "4.0.0",
            ReplacedBy = "`HSET` with multiple field-value pairs",
        },
        Row("hmget", -3, FastRead, HMGet, "RO ACCESS") with
        {
            Syntax = "HMGET key field [field ...]", Summary = "Returns the values of all fields in a hash.",
            Complexity = "O(N) where N is the number of fields being requested.",
        },
        Row("hincrby", 4, FastGrow, HIncrBy, "RW ACCESS UPDATE") with
        {
            Syntax = "HINCRBY key field increment",
            Summary = "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist.",
        },
        Row("hincrbyfloat", 4, FastGrow, HIncrByFloat, "RW ACCESS UPDATE") with
        {
            Syntax = "HINCRBYFLOAT key field increment", Since = "2.6.0",
            Summary = "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist.",
        },
        Row("hdel", -3, CommandFlags.Write | CommandFlags.Fast, HDel, "RW DELETE") with
        {
            Syntax = "HDEL key field [field ...]",
            Summary = "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.",
            Complexity = "O(N) where N is the number of fields to be removed.",
        },
        Row("hlen", 2, FastRead, HLen, "RO") with { Syntax = "HLEN key", Summary = "Returns the number of fields in a hash." },
        Row("hstrlen", 3, FastRead, HStrLen, "RO") with
        {
            Syntax = "HSTRLEN key field", Summary = "Returns the length of the value of a field.", Since = "3.2.0",
        },
        Row("hexists", 3, FastRead, HExists, "RO") with
        {
            Syntax = "HEXISTS key field", Summary = "Determines whether a field exists in a hash.",
        },
        Row("hkeys", 2, CommandFlags.ReadOnly, HKeys, "RO ACCESS") with
        {
            Syntax = "HKEYS key", Summary = "Returns all fields in a hash.", Complexity = "O(N) where N is the size of the hash.",
            Tips = ["nondeterministic_output_order"],
        },
        Row("hvals", 2, CommandFlags.ReadOnly, HVals, "RO ACCESS") with
        {
            Syntax = "HVALS key", Summary = "Returns all values in a hash.", Complexity = "O(N) where N is the size of the hash.",
            Tips = ["nondeterministic_output_order"],
        },
        Row("hgetall", 2, CommandFlags.ReadOnly, HGetAll, "RO ACCESS") with
        {
            Syntax = "HGETALL key", Summary = "Returns all fields and values in a hash.",
            Complexity = "O(N) where N is the size of the hash.", Tips = ["nondeterministic_output_order"],
        },
        Row("hscan", -3, CommandFlags.ReadOnly, HScan, "RO ACCESS") with
        {
            Syntax = "HSCAN key cursor [MATCH pattern] [COUNT count]", Summary = "Iterates over fields and values of a hash.",
            Since = "2.8.0", Complexity = ScanOptions.Complexity, Tips = ["nondeterministic_output"],
        },
        Row("hrandfield", -2, CommandFlags.ReadOnly, HRandField, "RO ACCESS") with
        {
            Syntax = "HRANDFIELD key [count [WITHVALUES]]", Summary = "Returns one or more random fields from a hash.",
            Since = "6.2.0", Complexity = "O(N) where N is the number of fields returned", Tips = ["nondeterministic_output"],
        },
    ];

    private static CommandRow Row(string name, int arity, CommandFlags flags, CommandHandler handler, string keyFlags) =>
        new(name, arity, flags, AclCategories.Hash, CommandScope.Keys, handler)
        {
            Keys = [KeySpec.At(1, keyFlags)], Group = "hash", Since = "2.0.0",
        };

    // HSET key field value [field value ...]
    private static void HSet(CommandContext context, ref ReplyWriter reply)
    {
        if (TrySetAll(context, ref reply, out var created)) reply.Integer(created);
    }

    // HMSET key field value [field value ...]
    private static void HMSet(CommandContext context, ref ReplyWriter reply)
    {
        if (TrySetAll(context, ref reply, out _)) reply.Ok();
    }

    private static bool TrySetAll(CommandContext context, ref ReplyWriter reply, out long created)
    {
        created = 0;
        var args = context.Args;
        if (args.Count % 2 != 0)
        {
            reply.Error(ErrorText.WrongArity(context.Row.FullName));
            return false;
        }

        var key = args[1];
        if (!context.TryWrite<HashValue>(key, ref reply, out var hash)) return false;
        hash ??= AddHash(context, key);
        hash.PrepareFor(args, 2, context.Config);
        for (var i = 2; i < args.Count; i += 2)
            if (hash.Set(args[i], args[i + 1], context.Config)) created++;
        context.Modified(key, KeyspaceEventClasses.Hash, "hset"u8, (args.Count - 2) / 2);
        return true;
    }

    // HSETNX key field value
    private static void HSetNx(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWrite<HashValue>(key, ref reply, out var hash)) return;
        if (hash != null && hash.Contains(context.Args[2]))
        {
            reply.Integer(0);
            return;
        }

        hash ??= AddHash(context, key);
        hash.Set(context.Args[2], context.Args[3], context.Config);
        context.Modified(key, KeyspaceEventClasses.Hash, "hset"u8);
        reply.Integer(1);
    }

    // HGET key field
    private static void HGet(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryRead<HashValue>(context.Args[1], ref reply, out var hash)) return;
        Span<byte> scratch = stackalloc byte[HashValue.ScratchBytes];
        if (hash != null && hash.TryGet(context.Args[2], scratch, out var value)) reply.Bulk(value);
        else reply.Null();
    }

    // HMGET key field [field ...]
    private static void HMGet(CommandContext context, ref ReplyWriter reply)
    {
        var args = context.Args;
        if (!context.TryRead<HashValue>(args[1], ref reply, out var hash)) return;
        Span<byte> scratch = stackalloc byte[HashValue.ScratchBytes];
        reply.Array(args.Count - 2);
        for (var i = 2; i < args.Count; i++)
        {
            if (hash != null && hash.TryGet(args[i], scratch, out var value)) reply.Bulk(value);
            else reply.Null();
        }
    }

    // HINCRBY key field increment
    private static void HIncrBy(CommandContext context, ref ReplyWriter reply)
    {
        var reader = context.Read(3);
        var increment = reader.NextInteger();
        if (reader.WriteError(ref reply)) return;
        var key = context.Args[1];
        if (!context.TryWrite<HashValue>(key, ref reply, out var hash)) return;

        Span<byte> digits = stackalloc byte[HashValue.ScratchBytes];
        long value = 0;
        if (hash != null && hash.TryGet(context.Args[2], digits, out var text) && !NumberText.TryParseInteger(text, out value))
        {
            reply.Error(NotIntegerValue);
            return;
        }

        var sum = unchecked(value + increment);
        if (((value ^ sum) & (increment ^ sum)) < 0)
        {
            reply.Error(ErrorText.Overflow);
            return;
        }

        System.Buffers.Text.Utf8Formatter.TryFormat(sum, digits, out var length);
        hash ??= AddHash(context, key);
        hash.Set(context.Args[2], digits[..length], context.Config);
        context.Modified(key, KeyspaceEventClasses.Hash, "hincrby"u8);
        reply.Integer(sum);
    }

    // HINCRBYFLOAT key field increment
    private static void HIncrByFloat(CommandContext context, ref ReplyWriter reply)
    {
        if (!LongDouble.TryParse(context.Args[3], out var sum))
        {
            reply.Error(ErrorText.NotFloat);
            return;
        }

        if (sum.IsInfinity)
        {
            reply.Error("ERR value is NaN or Infinity"u8);
            return;
        }

        var key = context.Args[1];
        if (!context.TryWrite<HashValue>(key, ref reply, out var hash)) return;
        Span<byte> scratch = stackalloc byte[HashValue.ScratchBytes];
        if (hash != null && hash.TryGet(context.Args[2], scratch, out var text))
        {
            if (!LongDouble.TryParse(text, out var value))
            {
                reply.Error(NotFloatValue);
                return;
            }

            sum += value;
        }

        if (sum.IsInfinity)
        {
            reply.Error(ErrorText.NaNOrInfinity);
            return;
        }

        var result = sum.ToText();
        hash ??= AddHash(context, key);
        hash.Set(context.Args[2], result, context.Config);
        context.Effects.Add("HSET"u8, key, context.Args[2], result);
        context.Modified(key, KeyspaceEventClasses.Hash, "hincrbyfloat"u8);
        reply.Bulk(result);
    }

    // HDEL key field [field ...]
    private static void HDel(CommandContext context, ref ReplyWriter reply)
    {
        var args = context.Args;
        var key = args[1];
        if (!context.TryWrite<HashValue>(key, ref reply, out var hash)) return;
        long deleted = 0;
        for (var i = 2; hash is { Count: > 0 } && i < args.Count; i++)
            if (hash.Remove(args[i])) deleted++;
        if (deleted > 0)
        {
            context.Modified(key, KeyspaceEventClasses.Hash, "hdel"u8, deleted);
            context.RemoveIfEmpty(key, hash!);
        }

        reply.Integer(deleted);
    }

    private static HashValue AddHash(CommandContext context, ReadOnlySpan<byte> key)
    {
        var hash = new HashValue();
        context.Add(key, hash);
        return hash;
    }
}
