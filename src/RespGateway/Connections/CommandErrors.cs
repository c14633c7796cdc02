using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Connections;

/// <summary>The errors of commands that are refused before they run, in Redis's words. What a client sent goes back byte for byte.</summary>
internal static class CommandErrors
{
    // How much of a wrong command's name, and of its arguments, an error repeats.
    private const int MaxRepeatedBytes = 128;

    public static ReadOnlySpan<byte> DebugNotAllowed =>
        """ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server."""u8;

    public static byte[] UnknownCommand(ArgumentList args)
    {
        var text = new List<byte>();
        text.AddRange("ERR unknown command '"u8);
        text.AddRange(Head(args[0], MaxRepeatedBytes));
        text.AddRange("', with args beginning with: "u8);
        var first = text.Count;
        for (var i = 1; i < args.Count && text.Count - first < MaxRepeatedBytes; i++)
        {
            var room = MaxRepeatedBytes - (text.Count - first);
            text.Add((byte)'\'');
            text.AddRange(Head(args[i], room));
            text.AddRange("' "u8);
        }

        return [.. text];
    }

    public static byte[] UnknownSubcommand(CommandRow container, ReadOnlySpan<byte> word) =>
        [.. "ERR unknown subcommand '"u8, .. Head(word, MaxRepeatedBytes), .. "'. Try "u8, .. Encoding.ASCII.GetBytes(container.Name.ToUpperInvariant()), .. " HELP."u8];

    public static byte[] NotWhileSubscribed(CommandRow row) => Encoding.ASCII.GetBytes(
        $"ERR Can't execute '{row.FullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");

    /// <summary>EXEC was refused: the transaction ends with the reason, of which Redis leaves out the code ERR.</summary>
    public static byte[] Aborted(ReadOnlySpan<byte> reason) =>
        [.. "EXECABORT Transaction discarded because of: "u8, .. reason.StartsWith("ERR "u8) ? reason[4..] : reason];

    // C prints a string up to its first zero byte.
    private static ReadOnlySpan<byte> Head(ReadOnlySpan<byte> word, int maxBytes)
    {
        word = word[..Math.Min(word.Length, maxBytes)];
        var end = word.IndexOf((byte)0);
        return end < 0 ? word : word[..end];
    }
}
