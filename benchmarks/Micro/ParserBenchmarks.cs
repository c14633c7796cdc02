using System.Text;
using BenchmarkDotNet.Attributes;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Micro;

/// <summary>Cutting received bytes into commands; times are per command.</summary>
public unsafe class Parser
{
    private const int Commands = 64;

    private static readonly ReaderLimits Limits = new(512 * 1024 * 1024, IsAuthenticated: true);

    private readonly ArgumentList _args = new();
    private readonly byte[] _arrays = Repeat("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000001234\r\n$64\r\n" + new string('x', 64) + "\r\n");
    private readonly byte[] _lines = Repeat("SET key:000000001234 value\r\n");

    [Benchmark(OperationsPerInvoke = Commands)]
    public int Arrays() => ReadAll(_arrays);

    [Benchmark(OperationsPerInvoke = Commands)]
    public int InlineLines() => ReadAll(_lines);

    private static byte[] Repeat(string command) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command, Commands)));

    private int ReadAll(byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            var reader = new CommandReader(start, bytes.Length, Limits);
            int arguments = 0;
            while (reader.Consumed < bytes.Length && reader.TryRead(_args) == ReadStatus.Command)
                arguments += _args.Count;
            return arguments;
        }
    }
}
