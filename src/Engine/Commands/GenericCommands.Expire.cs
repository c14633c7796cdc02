using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>Times to live: EXPIRE and TTL in their four units each, and PERSIST.</summary>
internal static partial class GenericCommands
{
    private static CommandRow[] ExpireRows =>
    [
        new("expire", -3, FastWrite, AclCategories.Keyspace, CommandScope.Keys, Expire)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")],
            Syntax = "EXPIRE key seconds [NX | XX | GT | LT]",
            Summary = "Sets the expiration time of a key in seconds.",
        },
        new("pexpire", -3, FastWrite, AclCategories.Keyspace, CommandScope.Keys, PExpire)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")],
            Since = "2.6.0", Syntax = "PEXPIRE key milliseconds [NX | XX | GT | LT]",
            Summary = "Sets the expiration time of a key in milliseconds.",
        },
        new("expireat", -3, FastWrite, AclCategories.Keyspace, CommandScope.Keys, ExpireAt)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")],
            Since = "1.2.0", Syntax = "EXPIREAT key unix-time-seconds [NX | XX | GT | LT]",
            Summary = "Sets the expiration time of a key to a Unix timestamp.",
        },
        new("pexpireat", -3, FastWrite, AclCategories.Keyspace, CommandScope.Keys, PExpireAt)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")],
            Since = "2.6.0", Syntax = "PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]",
            Summary = "Sets the expiration time of a key to a Unix milliseconds timestamp.",
        },
        new("ttl", 2, FastRead, AclCategories.Keyspace, CommandScope.Keys, Ttl)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Syntax = "TTL key",
            Summary = "Returns the expiration time in seconds of a key.",
            Tips = ["nondeterministic_output"],
        },
        new("pttl", 2, FastRead, AclCategories.Keyspace, CommandScope.Keys, PTtl)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Since = "2.6.0", Syntax = "PTTL key",
            Summary = "Returns the expiration time in milliseconds of a key.",
            Tips = ["nondeterministic_output"],
        },
        new("expiretime", 2, FastRead, AclCategories.Keyspace, CommandScope.Keys, ExpireTime)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Since = "7.0.0", Syntax = "EXPIRETIME key",
            Summary = "Returns the expiration time of a key as a Unix timestamp.",
        },
        new("pexpiretime", 2, FastRead, AclCategories.Keyspace, CommandScope.Keys, PExpireTime)
        {
            Keys = [KeySpec.At(1, "RO ACCESS")],
            Since = "7.0.0", Syntax = "PEXPIRETIME key",
            Summary = "Returns the expiration time of a key as a Unix milliseconds timestamp.",
        },
        new("persist", 2, FastWrite, AclCategories.Keyspace, CommandScope.Keys, Persist)
        {
            Keys = [KeySpec.At(1, "RW UPDATE")],
            Since = "2.2.0", Syntax = "PERSIST key",
            Summary = "Removes the expiration time of a key.",
        },
    ];

    // EXPIRE key seconds [NX | XX | GT | LT]
    private static void Expire(CommandContext context, ref ReplyWriter reply) => Expire(context, ExpireForm.Seconds, ref reply);

    // PEXPIRE key milliseconds [NX | XX | GT | LT]
    private static void PExpire(CommandContext context, ref ReplyWriter reply) => Expire(context, ExpireForm.Milliseconds, ref reply);

    // EXPIREAT key unix-time-seconds [NX | XX | GT | LT]
    private static void ExpireAt(CommandContext context, ref ReplyWriter reply) => Expire(context, ExpireForm.AtSeconds, ref reply);

    // PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]
    private static void PExpireAt(CommandContext context, ref ReplyWriter reply) => Expire(context, ExpireForm.AtMilliseconds, ref reply);

    // TTL key
    private static void Ttl(CommandContext context, ref ReplyWriter reply) =>
        reply.Integer(ToSeconds(ExpireAtOf(context, context.Args[1], context.NowMs)));

    // PTTL key
    private static void PTtl(CommandContext context, ref ReplyWriter reply) =>
        reply.Integer(ExpireAtOf(context, context.Args[1], context.NowMs));

    // EXPIRETIME key
    private static void ExpireTime(CommandContext context, ref ReplyWriter reply) =>
        reply.Integer(ToSeconds(ExpireAtOf(context, context.Args[1], 0)));

    // PEXPIRETIME key
    private static void PExpireTime(CommandContext context, ref ReplyWriter reply) =>
        reply.Integer(ExpireAtOf(context, context.Args[1], 0));

    // PERSIST key
    private static void Persist(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var entry = context.FindForWrite(key);
        var isDone = !entry.IsNull && context.KeyspaceOf(key).RemoveExpire(entry);
        if (isDone) context.Modified(key, KeyspaceEventClasses.Generic, "persist"u8);
        reply.Integer(isDone ? 1 : 0);
    }

    /// <summary>Sets when a key expires, or removes the key where that time is over; reports either change.</summary>
    internal static void SetExpireOrRemove(CommandContext context, ReadOnlySpan<byte> key, Entry entry, long atMs)
    {
        // A replica gets times that are over only in a copy of a key that has not been removed yet.
        if (atMs <= context.NowMs && !context.Worker.IsApplying)
        {
            context.Remove(entry, key, context.Database, context.Config.LazyFreeExpire);
            context.Effects.Add("DEL"u8, key);
            context.Modified(key, KeyspaceEventClasses.Generic, "del"u8);
            return;
        }

        context.KeyspaceOf(key).SetExpire(entry, atMs);
        context.Effects.Add("PEXPIREAT"u8, key, atMs);
        context.Modified(key, KeyspaceEventClasses.Generic, "expire"u8);
    }

    private static void Expire(CommandContext context, ExpireForm form, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        if (!TryReadConditions(context, ref reply, out var conditions) || !TryReadExpireAt(context, form, ref reply, out var atMs)) return;
        var entry = context.FindForWrite(key);
        if (entry.IsNull || !conditions.Allow(entry.ExpireAtMs, atMs))
        {
            reply.Integer(0);
            return;
        }

        SetExpireOrRemove(context, key, entry, atMs);
        reply.Integer(1);
    }

    // A time that is over is none of the errors: the key is removed.
    private static bool TryReadExpireAt(CommandContext context, ExpireForm form, ref ReplyWriter reply, out long atMs)
    {
        if (!NumberText.TryParseInteger(context.Args[2], out atMs))
        {
            reply.Error(ErrorText.NotInteger);
            return false;
        }

        var isValid = true;
        if (form is ExpireForm.Seconds or ExpireForm.AtSeconds)
        {
            isValid = atMs is <= long.MaxValue / 1000 and >= long.MinValue / 1000;
            atMs = unchecked(atMs * 1000);
        }

        var baseMs = form is ExpireForm.Seconds or ExpireForm.Milliseconds ? context.NowMs : 0;
        if (isValid && atMs <= long.MaxValue - baseMs)
        {
            atMs += baseMs;
            return true;
        }

        reply.Error(ErrorText.InvalidExpire(context.Row.FullName));
        return false;
    }

    private static bool TryReadConditions(CommandContext context, ref ReplyWriter reply, out ExpireConditions conditions)
    {
        var arguments = context.Read(3);
        conditions = default;
        while (arguments.HasMore)
        {
            if (arguments.TryWord("NX"u8)) conditions.IfNone = true;
            else if (arguments.TryWord("XX"u8)) conditions.IfAny = true;
            else if (arguments.TryWord("GT"u8)) conditions.IfLater = true;
            else if (arguments.TryWord("LT"u8)) conditions.IfEarlier = true;
            else
            {
                reply.Error([.. "ERR Unsupported option "u8, .. arguments.Next()]);
                return false;
            }
        }

        if (conditions.IfNone && (conditions.IfAny || conditions.IfLater || conditions.IfEarlier))
            arguments.Fail("ERR NX and XX, GT or LT options at the same time are not compatible"u8);
        if (conditions.IfLater && conditions.IfEarlier)
            arguments.Fail("ERR GT and LT options at the same time are not compatible"u8);
        return !arguments.WriteError(ref reply);
    }

    // Milliseconds from baseMs to the key's end; -1 where it has none, -2 where there is no key.
    private static long ExpireAtOf(CommandContext context, ReadOnlySpan<byte> key, long baseMs)
    {
        var entry = context.Peek(key);
        if (entry.IsNull) return -2;
        return entry.HasExpire ? Math.Max(0, entry.ExpireAtMs - baseMs) : -1;
    }

    private static long ToSeconds(long ms) => ms < 0 ? ms : (ms + 500) / 1000;

    // NX, XX, GT and LT. A key without a time to live counts as one that lives for ever.
    private struct ExpireConditions
    {
        public bool IfNone;
        public bool IfAny;
        public bool IfLater;
        public bool IfEarlier;

        public readonly bool Allow(long presentMs, long atMs)
        {
            if (presentMs < 0) return !IfAny && !IfLater;
            return !IfNone && (!IfLater || atMs > presentMs) && (!IfEarlier || atMs < presentMs);
        }
    }
}
