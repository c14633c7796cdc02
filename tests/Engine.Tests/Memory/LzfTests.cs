using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Tests.Memory;

public sealed class LzfTests
{
    [Fact]
    public void TryDecompress_KnownStream_GivesText()
    {
        // A literal, a repetition at distance 1 with a byte more of length, three literals, a short repetition at distance 3.
        byte[] stream = [0x00, (byte)'a', 0xE0, 20, 0x00, 0x02, (byte)'x', (byte)'y', (byte)'z', 0x40, 0x02];
        var text = new byte[37];
        Assert.True(Lzf.TryDecompress(stream, text));
        Assert.Equal(new string('a', 30) + "xyzxyzx", System.Text.Encoding.ASCII.GetString(text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public void Compress_RandomTexts_ReadBack(int length)
    {
        var random = new Random(length);
        foreach (var letters in new[] { 1, 2, 10, 256 })
        {
            var text = new byte[length];
            for (var i = 0; i < length; i++) text[i] = (byte)random.Next(letters);
            var compressed = new byte[length + (length / 32) + 8];
            var written = Lzf.Compress(text, compressed);
            var back = new byte[length];
            Assert.True(Lzf.TryDecompress(compressed.AsSpan(0, written), back));
            Assert.Equal(text, back);
            if (length >= 100 && letters == 1) Assert.True(written < length / 10);
        }
    }

    [Fact]
    public void Compress_NoRoom_GivesZero()
    {
        var noise = new byte[1000];
        new Random(1).NextBytes(noise);
        Assert.Equal(0, Lzf.Compress(noise, new byte[990]));
    }

    [Fact]
    public void TryDecompress_EveryPrefixAndNoise_NeverFails()
    {
        var random = new Random(2);
        var output = new byte[300];
        for (var i = 0; i < 20_000; i++)
        {
            var noise = new byte[random.Next(60)];
            random.NextBytes(noise);
            Lzf.TryDecompress(noise, output.AsSpan(0, random.Next(300)));
        }

        Assert.False(Lzf.TryDecompress([0x05, 1, 2], output));
        Assert.False(Lzf.TryDecompress([0x20, 0x00], output));
    }
}
