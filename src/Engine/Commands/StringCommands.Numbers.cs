using System.Globalization;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

internal static partial class StringCommands
{
    // INCR key
    private static void Incr(CommandContext context, ref ReplyWriter reply) => Increment(context, 1, ref reply);

    // DECR key
    private static void Decr(CommandContext context, ref ReplyWriter reply) => Increment(context, -1, ref reply);

    // INCRBY key increment
    private static void IncrBy(CommandContext context, ref ReplyWriter reply)
    {
        var arguments = context.Read(2);
        var by = arguments.NextInteger();
        if (!arguments.WriteError(ref reply)) Increment(context, by, ref reply);
    }

    // DECRBY key decrement
    private static void DecrBy(CommandContext context, ref ReplyWriter reply)
    {
        var arguments = context.Read(2);
        var by = arguments.NextInteger();
        if (by == long.MinValue) arguments.Fail("ERR decrement would overflow"u8);
        if (!arguments.WriteError(ref reply)) Increment(context, -by, ref reply);
    }

    // INCRBYFLOAT key increment
    private static void IncrByFloat(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWriteString(key, ref reply, out var entry)) return;
        LongDouble value = default;
        if ((!entry.IsNull && !LongDouble.TryParse(entry.Value, out value)) || !LongDouble.TryParse(context.Args[2], out var by))
        {
            reply.Error(ErrorText.NotFloat);
            return;
        }

        value += by;
        if (value.IsInfinity)
        {
            reply.Error(ErrorText.NaNOrInfinity);
            return;
        }

        // Not an integer even where it looks like one: Redis stores what it printed.
        var text = value.ToText();
        var encoding = text.Length <= StringValue.MaxEmbStrBytes ? StringEncoding.EmbStr : StringEncoding.Raw;
        context.SetString(key, text, encoding, keepExpire: true);
        context.Effects.Add("SET"u8, key, text, "KEEPTTL"u8);
        context.Modified(key, KeyspaceEventClasses.String, "incrbyfloat"u8);
        reply.Bulk(text);
    }

    private static void Increment(CommandContext context, long by, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!context.TryWriteString(key, ref reply, out var entry)) return;
        long value = 0;
        if (!entry.IsNull && !NumberText.TryParseInteger(entry.Value, out value))
        {
            reply.Error(ErrorText.NotInteger);
            return;
        }

        if (by > 0 ? value > long.MaxValue - by : value < long.MinValue - by)
        {
            reply.Error(ErrorText.Overflow);
            return;
        }

        value += by;
        Span<byte> digits = stackalloc byte[NumberText.MaxIntegerBytes];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        if (entry.IsNull) context.SetString(key, digits[..length], StringEncoding.Int);
        else context.KeyspaceOf(key).SetString(entry, digits[..length], StringEncoding.Int);
        context.Modified(key, KeyspaceEventClasses.String, "incrby"u8);
        reply.Integer(value);
    }
}
