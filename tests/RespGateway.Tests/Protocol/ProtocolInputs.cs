using System.Text;

namespace OrleansKv.RespGateway.Tests.Protocol;

/// <summary>What clients send, well-formed or not: each is fed whole, byte by byte, cut at every place, and to a real redis-server.</summary>
internal static class ProtocolInputs
{
    public static IEnumerable<string> Texts => WellFormed.Concat(Malformed);

    public static TheoryData<string> All => [.. Texts];

    private static readonly string[] WellFormed =
    [
        "*1\r\n$4\r\nPING\r\n",
        "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
        "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$10\r\n0123456789\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n",
        "*2\r\n$4\r\nECHO\r\n$6\r\na\r\nb\0c\r\n",
        "PING\r\n", "PING\n", "  PING  \r\n", "\r\n\r\nPING\r\n", "\n", "ECHO \"a b\\x41\\n\"\r\n", "ECHO 'it\\'s'\r\n", "ECHO \"\"\r\nPING\r\n",
        "ECHO a*b$c\r\n*1\r\n$4\r\nPING\r\n", "PING\r\n*1\r\n$4\r\nPING\r\nPING\r\n",
        "*0\r\n*1\r\n$4\r\nPING\r\n", "*-1\r\n*1\r\n$4\r\nPING\r\n", "*-10\r\nPING\r\n",
        "*12\r\n$3\r\nDEL\r\n" + string.Concat(Enumerable.Range(0, 11).Select(i => $"$2\r\nk{(char)('a' + i)}\r\n")),
        "*1\r\n$3\r\nFOO\r\n", "FOO bar\r\n", "*3\r\n$3\r\nFOO\r\n$3\r\na\r\n\r\n$2\r\n\xff\xfe\r\n", "*1\r\n$3\r\nGET\r\n", "*2\r\n$6\r\nCLIENT\r\n$3\r\nfoo\r\n",
        "*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
    ];

    private static readonly string[] Malformed =
    [
        "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n", "*1\r\nfoo\r\n", "*1\r\n\xff\r\n", "*1\r\n+PING\r\n", "*1\r\n\r\n\r\n",
        "*20000000000\r\n", "*2147483648\r\n", "*abc\r\n", "*\r\n", "*+1\r\n$4\r\nPING\r\n", "*01\r\n", "*1 \r\n", "*9223372036854775808\r\n", "*x\r\n",
        "*1\r\n$-1\r\n", "*1\r\n$-10\r\n", "*1\r\n$abc\r\n", "*1\r\n$\r\n", "*1\r\n$536870913\r\n", "*1\r\n$9223372036854775807\r\n", "*1\r\n$04\r\nPING\r\n",
        "*1\r\n$4\r\nPING\r\n*1\r\n$x\r\n*1\r\n$4\r\nPING\r\n",
        "ECHO \"a\r\n", "ECHO 'a\r\n", "ECHO \"a\"b\r\n", "PING \"\\x4\r\n",
        "*1\r\nfoo", "*1", "*1\r", "*1\r\n", "*1\r\n$", "*1\r\n$4", "*1\r\n$4\r\nPI", "*1\r\n$4\r\nPING", "*1\r\n$4\r\nPING\r", "PIN", "\"",
        "*", "$4\r\nPING\r\n", "*1\n$4\nPING\n", "*2\r\n$4\r\nECHO\r\n:5\r\n",
    ];

    public static byte[] BytesOf(string input) => Encoding.Latin1.GetBytes(input);
}
