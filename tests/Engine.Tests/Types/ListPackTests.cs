using System.Globalization;
using System.Text;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests.Types;

public class ListPackTests
{
    // What a redis-server writes for RPUSH with the same elements: headers, every encoding, backward lengths.
    [Theory]
    [InlineData("", "07 00 00 00 00 00 ff")]
    [InlineData("0", "09 00 00 00 01 00 00 01 ff")]
    [InlineData("127", "09 00 00 00 01 00 7f 01 ff")]
    [InlineData("128", "0a 00 00 00 01 00 c0 80 02 ff")]
    [InlineData("-1", "0a 00 00 00 01 00 df ff 02 ff")]
    [InlineData("-4096", "0a 00 00 00 01 00 d0 00 02 ff")]
    [InlineData("32767", "0b 00 00 00 01 00 f1 ff 7f 03 ff")]
    [InlineData("-8388608", "0c 00 00 00 01 00 f2 00 00 80 04 ff")]
    [InlineData("2147483647", "0d 00 00 00 01 00 f3 ff ff ff 7f 05 ff")]
    [InlineData("-9223372036854775808", "11 00 00 00 01 00 f4 00 00 00 00 00 00 00 80 09 ff")]
    [InlineData("abc", "0c 00 00 00 01 00 83 61 62 63 04 ff")]
    [InlineData("01", "0b 00 00 00 01 00 82 30 31 03 ff")]
    [InlineData("a,1", "0c 00 00 00 02 00 81 61 02 01 01 ff")]
    public void Append_Elements_BlobIsRedis(string elements, string blob)
    {
        var pack = Of(elements.Length == 0 ? [] : elements.Split(','));
        Assert.Equal(blob, string.Join(' ', pack.Blob.ToArray().Select(b => b.ToString("x2", CultureInfo.InvariantCulture))));
        pack.Free();
    }

    [Theory]
    [InlineData(63, 0xBF, 1, 1)]
    [InlineData(64, 0xE0, 2, 1)]
    [InlineData(4095, 0xEF, 2, 2)]
    [InlineData(4096, 0xF0, 5, 2)]
    [InlineData(16377, 0xF0, 5, 2)]
    [InlineData(16378, 0xF0, 5, 3)]
    [InlineData(3_000_000, 0xF0, 5, 4)]
    public void Append_String_HeadAndBackLengthByLength(int length, byte first, int headBytes, int backBytes)
    {
        var value = new byte[length];
        Array.Fill(value, (byte)'x');
        var pack = ListPack.Create();
        pack.Append("a"u8);
        pack.Append(value);
        Assert.Equal(first, pack.Blob[9]);
        Assert.Equal(9 + headBytes + length + backBytes + 1, pack.Bytes);
        Assert.Equal(9, pack.Last);
        Assert.Equal(6, pack.Previous(9));
        Assert.True(pack.EqualsAt(9, value));
        Assert.Equal(headBytes + length + backBytes, ListPack.EntryBytes(value));
        pack.Free();
    }

    [Fact]
    public void AppendInteger_Boundaries_ReadBack()
    {
        long[] values =
        [
            0, 127, 128, -1, 4095, 4096, -4096, -4097, short.MaxValue, short.MinValue, 32768, -32769, 0x7F_FFFF, -0x80_0000, 0x80_0000,
            -0x80_0001, int.MaxValue, int.MinValue, int.MaxValue + 1L, int.MinValue - 1L, long.MaxValue, long.MinValue,
        ];
        var pack = ListPack.Create();
        foreach (var value in values) pack.AppendInteger(value);
        var pos = pack.First;
        foreach (var value in values)
        {
            Assert.True(pack.TryGetInteger(pos, out var read));
            Assert.Equal(value, read);
            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), Text(pack, pos));
            Assert.Equal(Text(pack, pos).Length, pack.LengthAt(pos));
            pos = pack.Next(pos);
        }

        Assert.Equal(0, pos);
        pack.Free();
    }

    [Fact]
    public void Seek_FromBothEnds_GivesEntry()
    {
        var pack = Of("a", "b", "3", "d", "e");
        Assert.Equal("a,b,3,d,e", string.Join(',', Enumerable.Range(0, 5).Select(i => Text(pack, pack.Seek(i)))));
        Assert.Equal("e,d,3,b,a", string.Join(',', Enumerable.Range(1, 5).Select(i => Text(pack, pack.Seek(-i)))));
        Assert.Equal(0, pack.Seek(5));
        Assert.Equal(0, pack.Seek(-6));
        pack.Free();
    }

    [Fact]
    public void Find_WithSkip_LooksAtFieldsOnly()
    {
        var pack = Of("a", "b", "b", "7", "7", "x");
        Assert.Equal(pack.Seek(1), pack.Find("b"u8, pack.First, 0));
        Assert.Equal(pack.Seek(2), pack.Find("b"u8, pack.First, 1));
        Assert.Equal(pack.Seek(4), pack.Find("7"u8, pack.First, 1));
        Assert.Equal(0, pack.Find("x"u8, pack.First, 1));
        Assert.Equal(0, pack.Find("07"u8, pack.First, 0));
        pack.Free();
    }

    [Fact]
    public void Delete_LastEntry_GivesNone()
    {
        var pack = Of("a", "b");
        Assert.Equal(0, pack.Delete(pack.Last));
        Assert.Equal(0, pack.Delete(pack.First));
        Assert.Equal((0, 0, 0, 7), (pack.Count, pack.First, pack.Last, pack.Bytes));
        pack.Free();
    }

    [Fact]
    public void Count_Beyond65535_IsCounted()
    {
        var pack = ListPack.Create();
        for (var i = 0; i < 65540; i++) pack.AppendInteger(i);
        Assert.Equal(65540, pack.Count);
        Assert.Equal("65539", Text(pack, pack.Seek(-1)));
        pack.DeleteRange(0, 10);
        Assert.Equal(65530, pack.Count);
        pack.Delete(pack.First);
        Assert.Equal(65529, pack.Count);
        pack.Free();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomChanges_EqualAModel(int seed)
    {
        var random = new Random(seed);
        var model = new List<string>();
        var pack = ListPack.Create();
        for (var step = 0; step < 3000; step++)
        {
            Change(random, ref pack, model);
            Assert.Equal(model.Count, pack.Count);
            if (step % 50 == 0) Assert.Equal(model, Elements(pack));
        }

        var clone = pack.Clone();
        Assert.Equal(model, Elements(clone));
        clone.Free();
        pack.Free();
    }

    private static void Change(Random random, ref ListPack pack, List<string> model)
    {
        var value = random.Next(4) == 0
            ? new string('v', random.Next(300))
            : random.NextInt64(1L << random.Next(62)).ToString(CultureInfo.InvariantCulture);
        var bytes = Encoding.ASCII.GetBytes(value);
        var index = random.Next(model.Count + 1);
        var pos = index < model.Count ? pack.Seek(index) : 0;
        switch (random.Next(pos == 0 || model.Count < 20 ? 2 : 7))
        {
            case 0:
                pack.Append(bytes);
                model.Add(value);
                break;
            case 1:
                pack.Prepend(bytes);
                model.Insert(0, value);
                break;
            case 2:
                Assert.Equal(pos, pack.InsertBefore(pos, bytes));
                model.Insert(index, value);
                break;
            case 3:
                var inserted = pack.InsertAfter(pos, bytes);
                Assert.Equal(value, Text(pack, inserted));
                model.Insert(index + 1, value);
                break;
            case 4:
                Assert.Equal(pos, pack.Replace(pos, bytes));
                model[index] = value;
                break;
            case 5:
                pack.Delete(pos);
                model.RemoveAt(index);
                break;
            default:
                var count = random.Next(8);
                pack.DeleteRange(index - model.Count, count);
                model.RemoveRange(index, Math.Min(count, model.Count - index));
                break;
        }
    }

    private static ListPack Of(params string[] elements)
    {
        var pack = ListPack.Create();
        foreach (var element in elements) pack.Append(Encoding.ASCII.GetBytes(element));
        return pack;
    }

    private static List<string> Elements(ListPack pack)
    {
        var elements = new List<string>();
        for (var pos = pack.First; pos != 0; pos = pack.Next(pos)) elements.Add(Text(pack, pos));
        return elements;
    }

    private static string Text(ListPack pack, int pos)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        return Encoding.ASCII.GetString(pack.Get(pos, scratch));
    }
}
