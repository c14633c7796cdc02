using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

internal static partial class StringCommands
{
    // SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
    private static void Set(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count > 3)
        {
            SetSlow(context, ref reply);
            return;
        }

        SetWhole(context, context.Args[1], context.Args[2]);
        reply.Ok();
    }

    private static void SetSlow(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var arguments = context.Read(3);
        var options = StringOptions.OfSet(ref arguments);
        if (arguments.WriteError(ref reply) || !options.TryExpireAt(context, ref reply, out var atMs)) return;
        if (options.ReturnsOld && !TryReply(context, key, ref reply, out _)) return;
        if (options.IfMissing || options.IfThere)
        {
            var isThere = !context.FindForWrite(key).IsNull;
            if (isThere == options.IfMissing)
            {
                if (!options.ReturnsOld) reply.Null();
                return;
            }
        }

        if (atMs >= 0) SetExpiring(context, key, context.Args[2], atMs);
        else SetWhole(context, key, context.Args[2], options.KeepsExpire);
        if (!options.ReturnsOld) reply.Ok();
    }

    // SETNX key value
    private static void SetNx(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var isThere = !context.FindForWrite(key).IsNull;
        if (!isThere) SetWhole(context, key, context.Args[2]);
        reply.Integer(isThere ? 0 : 1);
    }

    // SETEX key seconds value
    private static void SetEx(CommandContext context, ref ReplyWriter reply) => SetExpiring(context, ExpireForm.Seconds, ref reply);

    // PSETEX key milliseconds value
    private static void PSetEx(CommandContext context, ref ReplyWriter reply) => SetExpiring(context, ExpireForm.Milliseconds, ref reply);

    // GETSET key value
    private static void GetSet(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (TryReply(context, key, ref reply, out _)) SetWhole(context, key, context.Args[2]);
    }

    // MSET key value [key value ...]
    private static void MSet(CommandContext context, ref ReplyWriter reply)
    {
        if (!HasPairs(context, ref reply)) return;
        for (var i = 1; i < context.Args.Count; i += 2) SetWhole(context, context.Args[i], context.Args[i + 1]);
        reply.Ok();
    }

    // MSETNX key value [key value ...]
    private static void MSetNx(CommandContext context, ref ReplyWriter reply)
    {
        if (!HasPairs(context, ref reply)) return;
        for (var i = 1; i < context.Args.Count; i += 2)
        {
            if (context.FindForWrite(context.Args[i]).IsNull) continue;
            reply.Integer(0);
            return;
        }

        for (var i = 1; i < context.Args.Count; i += 2) SetWhole(context, context.Args[i], context.Args[i + 1]);
        reply.Integer(1);
    }

    // APPEND key value
    private static void Append(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var value = context.Args[2];
        if (!context.TryWriteString(key, ref reply, out var entry)) return;
        if (entry.IsNull)
        {
            entry = context.SetString(key, value, StringValue.EncodingOf(value));
        }
        else
        {
            var oldLength = entry.Value.Length;
            if (!StringValue.TryLength(oldLength, value.Length, context.MaxStringBytes, ref reply, out var length)) return;
            entry = context.KeyspaceOf(key).ResizeString(entry, length);
            value.CopyTo(entry.Value[oldLength..]);
        }

        context.Modified(key, KeyspaceEventClasses.String, "append"u8);
        reply.Integer(entry.Value.Length);
    }

    // SETRANGE key offset value
    private static void SetRange(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var value = context.Args[3];
        var arguments = context.Read(2);
        var offset = arguments.NextInteger();
        if (offset < 0) arguments.Fail(ErrorText.OffsetOutOfRange);
        if (arguments.WriteError(ref reply) || !context.TryWriteString(key, ref reply, out var entry)) return;
        var oldLength = entry.IsNull ? 0 : entry.Value.Length;
        if (value.IsEmpty)
        {
            reply.Integer(oldLength);
            return;
        }

        if (!StringValue.TryLength(offset, value.Length, context.MaxStringBytes, ref reply, out var end)) return;
        if (entry.IsNull) entry = context.SetString(key, default, StringEncoding.Raw);
        entry = context.KeyspaceOf(key).ResizeString(entry, Math.Max(oldLength, end));
        value.CopyTo(entry.Value[(int)offset..]);
        context.Modified(key, KeyspaceEventClasses.String, "setrange"u8);
        reply.Integer(entry.Value.Length);
    }

    private static void SetExpiring(CommandContext context, ExpireForm form, ref ReplyWriter reply)
    {
        if (!StringOptions.TryExpireAt(context, context.Args[2], form, ref reply, out var atMs)) return;
        SetExpiring(context, context.Args[1], context.Args[3], atMs);
        reply.Ok();
    }

    private static void SetExpiring(CommandContext context, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long atMs)
    {
        // A time to live that the key has is overwritten below, not taken away and given anew.
        var entry = context.SetString(key, value, StringValue.EncodingOf(value), keepExpire: true, willExpire: true, context.Database);
        context.KeyspaceOf(key).SetExpire(entry, atMs);
        context.Effects.Add("SET"u8, key, value, "PXAT"u8, atMs);
        context.Modified(key, KeyspaceEventClasses.String, "set"u8);
        context.Notify(KeyspaceEventClasses.Generic, "expire"u8, key);
    }

    private static void SetWhole(CommandContext context, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool keepExpire = false)
    {
        context.SetString(key, value, StringValue.EncodingOf(value), keepExpire);
        context.Modified(key, KeyspaceEventClasses.String, "set"u8);
    }

    private static bool HasPairs(CommandContext context, ref ReplyWriter reply)
    {
        if (context.Args.Count % 2 == 1) return true;
        reply.Error(ErrorText.WrongArity(context.Row.FullName));
        return false;
    }
}
