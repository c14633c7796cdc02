using System.Text;
using OrleansKv.Engine.Protocol;
using static OrleansKv.RespGateway.Tests.Protocol.ReaderHarness;

namespace OrleansKv.RespGateway.Tests.Protocol;

public sealed class CommandReaderTests
{
    public static TheoryData<string> Inputs => ProtocolInputs.All;

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Read_CutAnywhere_SameAsWhole(string input)
    {
        var bytes = ProtocolInputs.BytesOf(input);
        var whole = Read(Limits, bytes);
        Assert.Equal(whole, Read(Limits, Bytes(bytes)));
        for (var first = 0; first <= bytes.Length; first++)
        {
            Assert.Equal(whole, Read(Limits, Split(bytes, first)));
            for (var second = first; second <= bytes.Length; second += 3) Assert.Equal(whole, Read(Limits, Split(bytes, first, second)));
        }
    }

    [Fact]
    public void Read_RandomBytesFromSeeds_SameInAnyPieces()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var bytes = Fuzz(random);
            var whole = Read(Limits, bytes);
            var places = new int[random.Next(1, 6)];
            for (var i = 0; i < places.Length; i++) places[i] = random.Next(bytes.Length + 1);
            Array.Sort(places);
            Assert.True(whole == Read(Limits, Split(bytes, places)), $"seed {seed}: {Encoding.Latin1.GetString(bytes)}");
            if (bytes.Length < 300) Assert.True(whole == Read(Limits, Bytes(bytes)), $"seed {seed}, byte by byte");
        }
    }

    [Theory]
    [InlineData("*11\r\n", "ERR Protocol error: unauthenticated multibulk length")]
    [InlineData("*1\r\n$16385\r\n", "ERR Protocol error: unauthenticated bulk length")]
    [InlineData("*10\r\n$16384\r\n", "")]
    public void Read_Unauthenticated_TakesLittle(string input, string error) =>
        Assert.Equal(error, Read(new ReaderLimits(1024 * 1024, IsAuthenticated: false), ProtocolInputs.BytesOf(input)));

    [Theory]
    [InlineData("*", "ERR Protocol error: too big mbulk count string")]
    [InlineData("*1\r\n$", "ERR Protocol error: too big bulk count string")]
    [InlineData("x", "ERR Protocol error: too big inline request")]
    public void Read_LineWithoutEnd_IsAnErrorBeyond64K(string start, string error)
    {
        var head = ProtocolInputs.BytesOf(start);
        Assert.Equal("", Read(Limits, [.. head, .. new byte[65536 - head.Length]]));
        Assert.Equal(error, Read(Limits, [.. head, .. new byte[65536]]));
    }

    [Fact]
    public void Read_ManyArgumentsInManyPieces_ReadsEachOnce()
    {
        const int count = 200_000;
        var text = new StringBuilder($"*{count}\r\n");
        for (var i = 0; i < count; i++) text.Append("$1\r\na\r\n");
        var bytes = ProtocolInputs.BytesOf(text.ToString());
        var pieces = Split(bytes, [.. Enumerable.Range(1, 999).Select(i => i * (bytes.Length / 1000))]);
        Assert.Equal((count * 3) + 1, Read(Limits, pieces).Length);
    }

    [Fact]
    public unsafe void NeededBytes_BulkUnderWay_SaysWhatItTakes()
    {
        var bytes = ProtocolInputs.BytesOf("*2\r\n$4\r\nECHO\r\n$1000\r\nab");
        fixed (byte* start = bytes)
        {
            var reader = new CommandReader(start, bytes.Length, Limits);
            Assert.Equal(ReadStatus.NeedMore, reader.TryRead(new ArgumentList()));
            Assert.Equal(bytes.Length - 2 + 1000 + 2, reader.NeededBytes);
        }
    }

    // Commands, well-formed and broken at random places.
    private static byte[] Fuzz(Random random)
    {
        var bytes = new List<byte>();
        for (var commands = random.Next(1, 6); commands > 0; commands--)
        {
            if (random.Next(4) == 0)
            {
                bytes.AddRange(ProtocolInputs.BytesOf($"ECHO {random.Next()} \"{random.Next()}\"\r\n"));
                continue;
            }

            var count = random.Next(1, 5);
            bytes.AddRange(ProtocolInputs.BytesOf($"*{count}\r\n"));
            for (; count > 0; count--)
            {
                var argument = new byte[random.Next(10) == 0 ? random.Next(2000) : random.Next(8)];
                random.NextBytes(argument);
                bytes.AddRange([.. ProtocolInputs.BytesOf($"${argument.Length}\r\n"), .. argument, .. "\r\n"u8]);
            }
        }

        for (var damage = random.Next(3); damage > 0; damage--)
        {
            var at = random.Next(bytes.Count);
            if (random.Next(2) == 0) bytes.RemoveAt(at);
            else bytes[at] = (byte)"*$\r\n\0:-+ \"'a9"[random.Next(13)];
            if (bytes.Count == 0) bytes.Add((byte)'\n');
        }

        return [.. bytes];
    }
}
