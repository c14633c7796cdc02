using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>RENAME, COPY and MOVE: a value comes under another name or into another database, with its time to live. A collection moves
/// whole; a string is copied, since it lies in the block of its key.</summary>
internal static partial class GenericCommands
{
    private static CommandRow[] MoveRows =>
    [
        new("rename", 3, CommandFlags.Write, AclCategories.Keyspace, CommandScope.Keys, Rename)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "OW UPDATE")],
            Syntax = "RENAME key newkey",
            Summary = "Renames a key and overwrites the destination.",
        },
        new("renamenx", 3, FastWrite, AclCategories.Keyspace, CommandScope.Keys, RenameNx)
        {
            Keys = [KeySpec.At(1, "RW ACCESS DELETE"), KeySpec.At(2, "OW INSERT")],
            Syntax = "RENAMENX key newkey",
            Summary = "Renames a key only when the target key name doesn't exist.",
        },
        new("copy", -3, CommandFlags.Write | CommandFlags.DenyOom, AclCategories.Keyspace, CommandScope.Keys, Copy)
        {
            Keys = [KeySpec.At(1, "RO ACCESS"), KeySpec.At(2, "OW UPDATE")],
            Since = "6.2.0", Syntax = "COPY source destination [DB destination-db] [REPLACE]",
            Summary = "Copies the value of a key to a new key.",
            Complexity = "O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
        },
        new("move", 3, FastWrite, AclCategories.Keyspace, CommandScope.Keys, Move)
        {
            Keys = [KeySpec.At(1, "RW ACCESS UPDATE")],
            Syntax = "MOVE key db",
            Summary = "Moves a key to another database.",
        },
    ];

    // RENAME key newkey
    private static void Rename(CommandContext context, ref ReplyWriter reply)
    {
        if (TryRename(context, replaces: true, ref reply, out _)) reply.Ok();
    }

    // RENAMENX key newkey
    private static void RenameNx(CommandContext context, ref ReplyWriter reply)
    {
        if (TryRename(context, replaces: false, ref reply, out var isDone)) reply.Integer(isDone ? 1 : 0);
    }

    // COPY source destination [DB destination-db] [REPLACE]
    private static void Copy(CommandContext context, ref ReplyWriter reply)
    {
        var source = context.Args[1];
        var target = context.Args[2];
        var database = context.Database;
        var replaces = false;
        var arguments = context.Read(3);
        while (arguments.HasMore)
        {
            if (arguments.TryWord("REPLACE"u8)) replaces = true;
            else if (arguments.Remaining > 1 && arguments.TryWord("DB"u8)) database = ReadDatabase(context, ref arguments);
            else arguments.Fail(ErrorText.Syntax);
        }

        if (context.Config.ClusterEnabled && (database != 0 || context.Database != 0))
            arguments.Fail("ERR Copying to another database is not allowed in cluster mode"u8);
        if (database == context.Database && source.SequenceEqual(target)) arguments.Fail(ErrorText.SameObject);
        if (arguments.WriteError(ref reply)) return;
        var from = context.FindForRead(source);
        var to = from.IsNull ? default : context.Lookup(target, database);
        if (from.IsNull || (!to.IsNull && !replaces))
        {
            reply.Integer(0);
            return;
        }

        if (!to.IsNull) context.Remove(to, target, database, context.Config.LazyFreeServerDel);
        var value = from.Type == KeyType.String ? null : context.CollectionOf(from).Clone();
        Put(context, from, value, target, database);
        context.Modified(target, KeyspaceEventClasses.Generic, "copy_to"u8, 1, database);
        reply.Integer(1);
    }

    // MOVE key db
    private static void Move(CommandContext context, ref ReplyWriter reply)
    {
        var key = context.Args[1];
        var arguments = context.Read(2);
        if (context.Config.ClusterEnabled) arguments.Fail("ERR MOVE is not allowed in cluster mode"u8);
        var database = ReadDatabase(context, ref arguments);
        if (database == context.Database) arguments.Fail(ErrorText.SameObject);
        if (arguments.WriteError(ref reply)) return;
        var from = context.FindForWrite(key);
        if (from.IsNull || !context.Lookup(key, database).IsNull)
        {
            reply.Integer(0);
            return;
        }

        Transfer(context, from, key, database);
        context.Modified(key, KeyspaceEventClasses.Generic, "move_from"u8);
        context.Modified(key, KeyspaceEventClasses.Generic, "move_to"u8, 0, database);
        reply.Integer(1);
    }

    // False after an error was written.
    private static bool TryRename(CommandContext context, bool replaces, ref ReplyWriter reply, out bool isDone)
    {
        var source = context.Args[1];
        var target = context.Args[2];
        isDone = false;
        var from = context.FindForWrite(source);
        if (from.IsNull)
        {
            reply.Error(ErrorText.NoSuchKey);
            return false;
        }

        if (source.SequenceEqual(target)) return true;
        var to = context.FindForWrite(target);
        if (!to.IsNull)
        {
            if (!replaces) return true;
            context.Remove(to, target, context.Database, context.Config.LazyFreeServerDel);
        }

        Transfer(context, from, target, context.Database);
        context.Modified(source, KeyspaceEventClasses.Generic, "rename_from"u8);
        context.Modified(target, KeyspaceEventClasses.Generic, "rename_to"u8, 0);
        isDone = true;
        return true;
    }

    // Moves the value of a key of the selected database under a key that is not there.
    private static void Transfer(CommandContext context, Entry from, ReadOnlySpan<byte> key, int database)
    {
        var keyspace = context.KeyspaceOf(from.Key);
        var access = from.Access;
        var moved = Put(context, from, from.Type == KeyType.String ? null : keyspace.CollectionOf(from), key, database);
        moved.Access = access;
        keyspace.Remove(from);
    }

    // Adds a key with this collection, or with the string of another entry, and with that entry's time to live.
    private static Entry Put(CommandContext context, Entry from, Collection? value, ReadOnlySpan<byte> key, int database)
    {
        var entry = value != null
            ? context.Add(key, value, database)
            : context.SetString(key, from.Value, from.Encoding, keepExpire: false, willExpire: from.HasExpire, database);
        return from.HasExpire ? context.SlotOf(key)[database].SetExpire(entry, from.ExpireAtMs) : entry;
    }

    private static int ReadDatabase(CommandContext context, ref ArgumentReader arguments)
    {
        var database = arguments.NextInteger();
        if (database is < int.MinValue or > int.MaxValue) arguments.Fail(ErrorText.OutOfIntRange);
        if (database < 0 || database >= context.Store.DatabaseCount) arguments.Fail(ErrorText.DbIndexOutOfRange);
        return arguments.Failed ? context.Database : (int)database;
    }
}
