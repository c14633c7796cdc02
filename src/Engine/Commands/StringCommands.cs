using System.Globalization;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>Strings.</summary>
internal static class StringCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("get", 2, CommandFlags.ReadOnly | CommandFlags.Fast, AclCategories.String, CommandScope.Keys, Get)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")], Group = "string", Syntax = "GET key", Summary = "Returns the string value of a key.",
        },
        new("set", -3, CommandFlags.Write | CommandFlags.DenyOom, AclCategories.String, CommandScope.Keys, Set)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE VARIABLE_FLAGS")], Group = "string", Syntax = "SET key value",
            Summary = "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
        },
        new("incr", 2, CommandFlags.Write | CommandFlags.DenyOom | CommandFlags.Fast, AclCategories.String, CommandScope.Keys, Incr)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")], Group = "string", Syntax = "INCR key",
            Summary = "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
        },
    ];

    // GET key
    private static void Get(CommandContext context, ref ReplyWriter reply)
    {
        if (!context.TryReadString(context.Args[1], ref reply, out var entry)) return;
        if (entry.IsNull) reply.Null();
        else reply.Bulk(entry.Value);
    }

    // SET key value
    private static void Set(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var value = context.Args[2];
        context.SetString(key, value, StringValue.EncodingOf(value));
        context.Modified(key, KeyspaceEventClasses.String, "set"u8);
        reply.Ok();
    }

    // INCR key
    private static void Incr(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWriteString(key, ref reply, out var entry)) return;
        long value = 0;
        if (!entry.IsNull && !NumberText.TryParseInteger(entry.Value, out value))
        {
            reply.Error(ErrorText.NotInteger);
            return;
        }

        if (value == long.MaxValue)
        {
            reply.Error(ErrorText.Overflow);
            return;
        }

        value++;
        Span<byte> digits = stackalloc byte[NumberText.MaxIntegerBytes];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        context.SetString(key, digits[..length], StringEncoding.Int, keepExpire: true);
        context.Modified(key, KeyspaceEventClasses.String, "incrby"u8);
        reply.Integer(value);
    }
}
