using System.Text;

namespace OrleansKv.Engine.Protocol;

/// <summary>Every error text that more than one place writes, in Redis's words and without the leading '-'.</summary>
public static partial class ErrorText
{
    public static ReadOnlySpan<byte> WrongType => "WRONGTYPE Operation against a key holding the wrong kind of value"u8;
    public static ReadOnlySpan<byte> NotInteger => "ERR value is not an integer or out of range"u8;
    public static ReadOnlySpan<byte> NotFloat => "ERR value is not a valid float"u8;
    public static ReadOnlySpan<byte> Syntax => "ERR syntax error"u8;
    public static ReadOnlySpan<byte> NoSuchKey => "ERR no such key"u8;
    public static ReadOnlySpan<byte> ValueOutOfRange => "ERR value is out of range"u8;
    public static ReadOnlySpan<byte> OutOfRange => "ERR index out of range"u8;
    public static ReadOnlySpan<byte> Overflow => "ERR increment or decrement would overflow"u8;
    public static ReadOnlySpan<byte> NaNOrInfinity => "ERR increment would produce NaN or Infinity"u8;
    public static ReadOnlySpan<byte> StringTooLong => "ERR string exceeds maximum allowed size (proto-max-bulk-len)"u8;
    public static ReadOnlySpan<byte> OffsetOutOfRange => "ERR offset is out of range"u8;
    public static ReadOnlySpan<byte> MustBePositive => "ERR value is out of range, must be positive"u8;
    public static ReadOnlySpan<byte> TimeoutNotFloat => "ERR timeout is not a float or out of range"u8;
    public static ReadOnlySpan<byte> TimeoutNegative => "ERR timeout is negative"u8;
    public static ReadOnlySpan<byte> TimeoutOutOfRange => "ERR timeout is out of range"u8;
    public static ReadOnlySpan<byte> DbIndexOutOfRange => "ERR DB index is out of range"u8;
    public static ReadOnlySpan<byte> InvalidDbIndex => "ERR invalid DB index"u8;
    public static ReadOnlySpan<byte> SameObject => "ERR source and destination objects are the same"u8;
    public static ReadOnlySpan<byte> OutOfMemory => "OOM command not allowed when used memory > 'maxmemory'."u8;
    public static ReadOnlySpan<byte> NoReplicas => "NOREPLICAS Not enough good replicas to write."u8;
    public static ReadOnlySpan<byte> TimeoutNotInteger => "ERR timeout is not an integer or out of range"u8;
    public static ReadOnlySpan<byte> ClientsPaused => "TRYAGAIN clients are paused"u8;
    public static ReadOnlySpan<byte> InternalError => "ERR internal error"u8;
    public static ReadOnlySpan<byte> ExecAbort => "EXECABORT Transaction discarded because of previous errors."u8;
    public static ReadOnlySpan<byte> NoAuth => "NOAUTH Authentication required."u8;
    public static ReadOnlySpan<byte> MinMaxNotFloat => "ERR min or max is not a float"u8;
    public static ReadOnlySpan<byte> MinMaxNotString => "ERR min or max not valid string range item"u8;
    public static ReadOnlySpan<byte> OutOfIntRange => "ERR value is out of range, value must between -2147483648 and 2147483647"u8;
    public static ReadOnlySpan<byte> NotServed => "CLUSTERDOWN Hash slot not served"u8;

    /// <summary>Between silos: the command was not executed, since the slot is another's; the version of the slot map follows.</summary>
    public const string NotOwner = "NOTOWNER";

    public static ReadOnlySpan<byte> InvalidCursor => "ERR invalid cursor"u8;

    /// <summary>The error code of a text: its first word ("ERR", "WRONGTYPE"), as the error statistics name it.</summary>
    public static string CodeOf(ReadOnlySpan<byte> text)
    {
        var space = text.IndexOf((byte)' ');
        var code = space < 0 ? text : text[..space];
        return code.SequenceEqual("ERR"u8) ? "ERR"
            : code.SequenceEqual("WRONGTYPE"u8) ? "WRONGTYPE"
            : Encoding.UTF8.GetString(code);
    }

    /// <summary>Redis's reply to a wrong number of arguments.</summary>
    public static string WrongArity(string command) => $"ERR wrong number of arguments for '{command}' command";

    /// <summary>Redis's reply to a subcommand that is there with arguments that it does not take.</summary>
    public static string UnknownSubcommandOrArity(ArgumentList args) =>
        $"ERR unknown subcommand or wrong number of arguments for '{Encoding.UTF8.GetString(args[1])}'. "
        + $"Try {Encoding.UTF8.GetString(args[0]).ToUpperInvariant()} HELP.";

    /// <summary>Redis's reply to an expire time that cannot be represented or is not positive.</summary>
    public static string InvalidExpire(string command) => $"ERR invalid expire time in '{command}' command";
}
