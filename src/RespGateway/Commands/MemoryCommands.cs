using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.RespGateway.Commands;

/// <summary>MEMORY: what a key costs.</summary>
internal static class MemoryCommands
{
    public static IEnumerable<CommandRow> Rows =>
    [
        new("memory", -2, CommandFlags.None, AclCategories.None, CommandScope.Gateway, null)
        {
            Group = "server", Since = "4.0.0", Summary = "A container for memory diagnostics commands.", Complexity = "Depends on subcommand.",
            Subcommands =
            [
                new("usage", -3, CommandFlags.ReadOnly, AclCategories.None, CommandScope.Keys, Usage)
                {
                    Keys = [KeySpec.At(2, "RO")], Group = "server", Since = "4.0.0", Syntax = "MEMORY USAGE key [SAMPLES count]",
                    Summary = "Estimates the memory usage of a key.", Complexity = "O(N) where N is the number of samples.",
                },
                new("help", 2, CommandFlags.Loading | CommandFlags.Stale, AclCategories.None, CommandScope.Gateway, Help)
                {
                    Group = "server", Since = "4.0.0", Syntax = "MEMORY HELP", Summary = "Returns helpful text about the different subcommands.",
                },
            ],
        },
    ];

    // MEMORY USAGE key [SAMPLES count]
    private static void Usage(CommandContext context, ref ReplyWriter reply)
    {
        var read = context.Read(3);
        while (read.HasMore)
        {
            if (!read.TryWord("samples"u8)) read.Fail(ErrorText.Syntax);
            else if (read.NextInteger() < 0) read.Fail(ErrorText.Syntax);
        }

        if (read.WriteError(ref reply)) return;
        var entry = context.Lookup(context.Args[2], context.Database);
        if (entry.IsNull)
        {
            reply.Null();
            return;
        }

        // The bucket that leads to the block, and the place among keys that expire.
        var bytes = entry.BlockBytes + sizeof(long) + (entry.HasExpire ? sizeof(long) : 0);
        if (entry.Type != KeyType.String) bytes += Collection.ObjectBytes + context.CollectionOf(entry).NativeBytes;
        reply.Integer(bytes);
    }

    // MEMORY HELP
    private static void Help(CommandContext context, ref ReplyWriter reply) => HelpText.Write("MEMORY", ref reply,
        "USAGE <key> [SAMPLES <count>]", "    Return memory in bytes used by <key> and its value. Nested values are",
        "    sampled up to <count> times (default: 5, 0 means sample all).");
}
