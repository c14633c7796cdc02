using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Commands;

/// <summary>A row as COMMAND DOCS gives it. The arguments are read from the row's syntax line by <see cref="SyntaxLine"/>.</summary>
internal static class CommandDocumentation
{
    public static void Write(CommandRow row, ref ReplyWriter reply)
    {
        var arguments = SyntaxLine.Parse(row.Syntax, row.FullName.Contains('|', StringComparison.Ordinal) ? 2 : 1);
        var isDeprecated = row.DeprecatedSince.Length > 0;
        var fields = 4 + (isDeprecated ? 3 : 0) + (arguments.Count > 0 ? 1 : 0) + (row.Subcommands.Length > 0 ? 1 : 0);
        reply.Map(fields);
        Field("summary"u8, row.Summary, ref reply);
        Field("since"u8, row.Since, ref reply);
        Field("group"u8, row.Group, ref reply);
        Field("complexity"u8, row.Complexity, ref reply);
        if (isDeprecated)
        {
            reply.Bulk("doc_flags"u8);
            CommandDescription.WriteFlags("deprecated", ref reply);
            Field("deprecated_since"u8, row.DeprecatedSince, ref reply);
            Field("replaced_by"u8, row.ReplacedBy, ref reply);
        }

        if (arguments.Count > 0)
        {
            reply.Bulk("arguments"u8);
            WriteArguments(arguments, ref reply);
        }

        if (row.Subcommands.Length == 0) return;
        reply.Bulk("subcommands"u8);
        reply.Map(row.Subcommands.Length);
        foreach (var subcommand in row.Subcommands)
        {
            reply.Bulk(subcommand.FullName);
            Write(subcommand, ref reply);
        }
    }

    private static void WriteArguments(IReadOnlyList<SyntaxArgument> arguments, ref ReplyWriter reply)
    {
        reply.Array(arguments.Count);
        foreach (var argument in arguments)
        {
            var flags = argument.Flags;
            reply.Map(2 + (argument.Token != null ? 1 : 0) + (flags.Length > 0 ? 1 : 0) + (argument.Arguments.Count > 0 ? 1 : 0));
            Field("name"u8, argument.Name, ref reply);
            Field("type"u8, argument.Type, ref reply);
            if (argument.Token != null) Field("token"u8, argument.Token, ref reply);
            if (flags.Length > 0)
            {
                reply.Bulk("flags"u8);
                CommandDescription.WriteFlags(flags, ref reply);
            }

            if (argument.Arguments.Count == 0) continue;
            reply.Bulk("arguments"u8);
            WriteArguments(argument.Arguments, ref reply);
        }
    }

    private static void Field(ReadOnlySpan<byte> name, string value, ref ReplyWriter reply)
    {
        reply.Bulk(name);
        reply.Bulk(value);
    }
}
