using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>OBJECT: what can be seen of how a key is kept.</summary>
internal static partial class GenericCommands
{
    private static CommandRow[] ObjectRows =>
    [
        new("object", -2, CommandFlags.None, AclCategories.None, CommandScope.Keys, null)
        {
            Since = "2.2.3", Syntax = "OBJECT", Summary = "A container for object introspection commands.",
            Complexity = "Depends on subcommand.",
            Subcommands =
            [
                new("encoding", 3, CommandFlags.ReadOnly, AclCategories.Keyspace, CommandScope.Keys, ObjectEncoding)
                {
                    Keys = [KeySpec.At(2, "RO")],
                    Since = "2.2.3", Syntax = "OBJECT ENCODING key",
                    Summary = "Returns the internal encoding of a Redis object.",
                    Tips = ["nondeterministic_output"],
                },
                new("refcount", 3, CommandFlags.ReadOnly, AclCategories.Keyspace, CommandScope.Keys, ObjectRefCount)
                {
                    Keys = [KeySpec.At(2, "RO")],
                    Since = "2.2.3", Syntax = "OBJECT REFCOUNT key",
                    Summary = "Returns the reference count of a value of a key.",
                    Tips = ["nondeterministic_output"],
                },
                new("idletime", 3, CommandFlags.ReadOnly, AclCategories.Keyspace, CommandScope.Keys, ObjectIdleTime)
                {
                    Keys = [KeySpec.At(2, "RO")],
                    Since = "2.2.3", Syntax = "OBJECT IDLETIME key",
                    Summary = "Returns the time since the last access to a Redis object.",
                    Tips = ["nondeterministic_output"],
                },
                new("freq", 3, CommandFlags.ReadOnly, AclCategories.Keyspace, CommandScope.Keys, ObjectFreq)
                {
                    Keys = [KeySpec.At(2, "RO")],
                    Since = "4.0.0", Syntax = "OBJECT FREQ key",
                    Summary = "Returns the logarithmic access frequency counter of a Redis object.",
                    Tips = ["nondeterministic_output"],
                },
                new("help", 2, CommandFlags.Loading | CommandFlags.Stale, AclCategories.Keyspace, CommandScope.Connection, ObjectHelp)
                {
                    Since = "6.2.0", Syntax = "OBJECT HELP",
                    Summary = "Returns helpful text about the different subcommands.",
                },
            ],
        },
    ];

    // OBJECT ENCODING key
    private static void ObjectEncoding(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryPeek(context, ref reply, out var entry)) return;
        reply.Bulk(entry.Type == KeyType.String ? StringValue.NameOf(entry.Encoding) : context.CollectionOf(entry).EncodingName);
    }

    // OBJECT REFCOUNT key
    private static void ObjectRefCount(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryPeek(context, ref reply, out var entry)) return;
        reply.Integer(IsShared(context, entry) ? int.MaxValue : 1);
    }

    // OBJECT IDLETIME key
    private static void ObjectIdleTime(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryPeek(context, ref reply, out var entry)) return;
        if (AccessClock.IsLfu(context.Config.MaxMemoryPolicy))
        {
            reply.Error("ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between "
                + "policies at runtime LRU and LFU data will take some time to adjust.");
            return;
        }

        reply.Integer(AccessClock.IdleSeconds(entry, context.NowMs));
    }

    // OBJECT FREQ key
    private static void ObjectFreq(CommandContext context, ref ReplyWriter reply)
    {
        if (!TryPeek(context, ref reply, out var entry)) return;
        if (!AccessClock.IsLfu(context.Config.MaxMemoryPolicy))
        {
            reply.Error("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
                + "between policies at runtime LRU and LFU data will take some time to adjust.");
            return;
        }

        reply.Integer(AccessClock.DecayedCounter(entry, context.NowMs, context.Config.LfuDecayTimeMinutes));
    }

    // OBJECT HELP
    private static void ObjectHelp(CommandContext context, ref ReplyWriter reply) => HelpText.Write(
        "OBJECT",
        ref reply,
        "ENCODING <key>",
        "    Return the kind of internal representation used in order to store the value",
        "    associated with a <key>.",
        "FREQ <key>",
        "    Return the access frequency index of the <key>. The returned integer is",
        "    proportional to the logarithm of the recent access frequency of the key.",
        "IDLETIME <key>",
        "    Return the idle time of the <key>, that is the approximated number of",
        "    seconds elapsed since the last access to the key.",
        "REFCOUNT <key>",
        "    Return the number of references of the value associated with the specified",
        "    <key>.");

    // Null is replied where there is no key.
    private static bool TryPeek(CommandContext context, ref ReplyWriter reply, out Entry entry)
    {
        entry = context.Peek(context.Args[2], notifies: false);
        if (!entry.IsNull) return true;
        reply.Null();
        return false;
    }

    // Redis keeps small integers once, unless each key needs an access clock of its own to be evicted by.
    private static bool IsShared(CommandContext context, Entry entry)
    {
        if (entry.Type != KeyType.String || entry.Encoding != StringEncoding.Int) return false;
        if (context.Config.MaxMemoryBytes > 0 && AccessClock.IsKept(context.Config.MaxMemoryPolicy)) return false;
        return NumberText.TryParseInteger(entry.Value, out var value) && value is >= 0 and < StringValue.SharedIntegers;
    }
}
