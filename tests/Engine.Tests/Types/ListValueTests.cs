using System.Text;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests.Types;

[CollectionDefinition(nameof(ListValueTests), DisableParallelization = true)]
[Collection(nameof(ListValueTests))]
public sealed class ListValueTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(3, 0, 3)]
    [InlineData(16, 2, 4)]
    [InlineData(-1, 1, 5)]
    [InlineData(-2, 0, 6)]
    [InlineData(-1, 3, 7)]
    public void RandomChanges_EqualAModelAndLeaveNothing(int fill, int depth, int seed)
    {
        var before = SlabHeap.AllocatedBytes;
        var random = new Random(seed);
        var model = new List<string>();
        var list = new ListValue(fill, depth);
        for (var step = 0; step < 6000; step++)
        {
            // Grows in the first half and shrinks in the second.
            Change(random, list, model, grows: step < 3000);
            Assert.Equal(model.Count, list.Count);
            if (step % 100 == 0) AssertEqual(model, list);
        }

        var copy = (ListValue)list.Clone();
        AssertEqual(model, copy);
        copy.Free();
        list.Free();
        Assert.Equal(before, SlabHeap.AllocatedBytes);
    }

    [Fact]
    public void Push_ManyElements_ChunksAreFull()
    {
        var list = new ListValue(-2);
        var element = new byte[100];
        for (var i = 0; i < 10_000; i++) list.Push(element, atHead: i % 2 == 0);
        Assert.InRange(list.ChunkCount, 10_000 / 80, 10_000 / 70);
        Assert.InRange(list.NativeBytes, 10_000 * 102, 10_000 * 110);
        list.Free();
    }

    [Fact]
    public void Push_WithDepth_InnerChunksAreSmall()
    {
        var list = new ListValue(-2, depth: 1);
        for (var i = 0; i < 10_000; i++) list.Push(Encoding.ASCII.GetBytes(new string('x', 80) + i), atHead: i % 2 == 0);
        Assert.InRange(list.ChunkCount, 100, 140);
        Assert.InRange(list.NativeBytes, 20_000, 250_000);
        Assert.Equal(10_000, Elements(list, backwards: false).Count);
        Assert.InRange(list.NativeBytes, 20_000, 250_000);
        list.Free();
    }

    [Fact]
    public void Push_BigElements_StandAlone()
    {
        var list = new ListValue(-2);
        for (var i = 0; i < 3; i++) list.Push(new byte[100_000], atHead: true);
        list.Push("x"u8, atHead: true);
        list.Push("y"u8, atHead: true);
        Assert.Equal(4, list.ChunkCount);
        list.Free();
    }

    [Fact]
    public void Set_BigInsideOfChunk_CutsIt()
    {
        var list = new ListValue(-2);
        for (var i = 0; i < 100; i++) list.Push("small"u8, atHead: true);
        list.Set(50, new byte[50_000]);
        Assert.Equal(100, list.Count);
        Assert.Equal(3, list.ChunkCount);
        var elements = Elements(list, backwards: false);
        Assert.Equal(50_000, elements[50].Length);
        Assert.Equal("small", elements[51]);
        list.Free();
    }

    private static void Change(Random random, ListValue list, List<string> model, bool grows)
    {
        var value = random.Next(20) == 0 ? new string('v', random.Next(3000)) : $"{random.Next(50)}";
        var bytes = Encoding.ASCII.GetBytes(value);
        var index = random.Next(Math.Max(1, model.Count));
        switch (random.Next(model.Count == 0 ? 2 : grows ? 8 : 11))
        {
            case 0:
                list.Push(bytes, atHead: true);
                model.Insert(0, value);
                break;
            case 1 or 2 or 3:
                list.Push(bytes, atHead: false);
                model.Add(value);
                break;
            case 4:
                var cursor = list.Start(backwards: false);
                for (var i = 0; i < index; i++) list.Step(ref cursor, backwards: false);
                var after = random.Next(2) == 0;
                list.Insert(cursor, bytes, after);
                model.Insert(after ? index + 1 : index, value);
                break;
            case 5:
                list.Set(index, bytes);
                model[index] = value;
                break;
            case 6:
                list.RemoveEnd(atHead: index % 2 == 0);
                model.RemoveAt(index % 2 == 0 ? 0 : model.Count - 1);
                break;
            case 7 or 8:
                Assert.Equal(RemoveAll(model, value, index % 3 - 1), list.RemoveAll(bytes, index % 3 == 0, Math.Abs((index % 3) - 1)));
                break;
            default:
                var count = random.Next(Math.Min(60, model.Count - index) + 1);
                list.RemoveRange(index, count);
                model.RemoveRange(index, count);
                break;
        }
    }

    // As LREM with a count of -1, 0 or 1.
    private static long RemoveAll(List<string> model, string value, int count)
    {
        if (count == 0) return model.RemoveAll(element => element == value);
        var at = count > 0 ? model.IndexOf(value) : model.LastIndexOf(value);
        if (at < 0) return 0;
        model.RemoveAt(at);
        return 1;
    }

    private static void AssertEqual(List<string> model, ListValue list)
    {
        Assert.Equal(model, Elements(list, backwards: false));
        Assert.Equal(model.AsEnumerable().Reverse(), Elements(list, backwards: true));
        var inChunks = 0;
        for (var i = 0; i < list.ChunkCount; i++)
        {
            var blob = list.OpenChunk(i);
            inChunks += blob[4] | (blob[5] << 8);
            list.CloseChunk(i);
        }

        Assert.Equal(model.Count, inChunks);
    }

    private static List<string> Elements(ListValue list, bool backwards)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var elements = new List<string>();
        if (list.Count == 0) return elements;
        for (var cursor = list.Start(backwards); !cursor.IsEnd; list.Step(ref cursor, backwards))
            elements.Add(Encoding.ASCII.GetString(list.Get(cursor, scratch)));
        return elements;
    }
}
