namespace OrleansKv.Engine.Protocol;

/// <summary>The replies of HELP subcommands.</summary>
public static class HelpText
{
    /// <summary>Writes <paramref name="lines"/> between the head and the HELP entry that each such reply has.</summary>
    public static void Write(string command, ref ReplyWriter reply, params ReadOnlySpan<string> lines)
    {
        reply.Array(lines.Length + 3);
        reply.SimpleString(System.Text.Encoding.ASCII.GetBytes($"{command} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
        foreach (var line in lines) reply.SimpleString(System.Text.Encoding.ASCII.GetBytes(line));
        reply.SimpleString("HELP"u8);
        reply.SimpleString("    Print this help."u8);
    }
}
