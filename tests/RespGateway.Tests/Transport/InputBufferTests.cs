using System.Runtime.InteropServices;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

public sealed unsafe class InputBufferTests
{
    private const int SharedBytes = IoLoop.SharedReadBytes;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Buffer_RandomReadsAndConsumes_KeepsEveryByteInOrder(int seed)
    {
        var random = new Random(seed);
        var buffer = new InputBuffer();
        byte* shared = (byte*)NativeMemory.Alloc(SharedBytes);
        long written = 0;
        long consumed = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte* place = buffer.PrepareRead(shared, SharedBytes, out int room);
            Assert.True(room >= InputBuffer.MinReadBytes);
            int read = random.Next(1, random.Next(4) == 0 ? room + 1 : 200);
            for (int i = 0; i < read; i++)
                place[i] = (byte)(written++ * 7);
            buffer.AddRead(read);
            if (random.Next(4) == 0)
                buffer.EnsureCapacity(random.Next(1_000_000));
            long take = random.Next(3) switch { 0 => 0, 1 => buffer.Length, _ => random.NextInt64(buffer.Length + 1) };
            for (int i = 0; i < take; i++)
                Assert.Equal((byte)(consumed++ * 7), buffer.Start[i]);
            buffer.Consume(take);
            buffer.Settle();
            new Span<byte>(shared, SharedBytes).Fill(0xEE);
            Assert.Equal(written - consumed, buffer.Length);
        }
        buffer.Release();
        NativeMemory.Free(shared);
    }

    [Fact]
    public void Settle_WithNothingLeft_HoldsNoMemory()
    {
        byte* shared = stackalloc byte[64];
        var buffer = new InputBuffer();
        buffer.PrepareRead(shared, 64, out _);
        buffer.AddRead(10);
        buffer.Consume(10);

        buffer.Settle();

        Assert.Equal(0, buffer.Capacity);
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void EnsureCapacity_OfAHugeClaim_AllocatesNothingByItself()
    {
        byte* shared = stackalloc byte[64];
        var buffer = new InputBuffer();
        buffer.PrepareRead(shared, 64, out _);
        buffer.AddRead(10);

        buffer.EnsureCapacity(500_000_000);
        buffer.Settle();
        buffer.PrepareRead(shared, 64, out _);

        Assert.InRange(buffer.Capacity, 10, 64 * 1024);
        buffer.Release();
    }

    [Fact]
    public void Settle_WithLittleLeftInAHugeBlock_GivesTheBlockBack()
    {
        byte* shared = (byte*)NativeMemory.Alloc(SharedBytes);
        var buffer = new InputBuffer();
        while (buffer.Length < 4_000_000)
        {
            buffer.PrepareRead(shared, SharedBytes, out int room);
            buffer.AddRead(room);
            buffer.Settle();
        }
        buffer.Consume(buffer.Length - 5);

        buffer.Settle();

        Assert.InRange(buffer.Capacity, 5, 64 * 1024);
        Assert.Equal(5, buffer.Length);
        buffer.Release();
        NativeMemory.Free(shared);
    }

    [Fact]
    public void Consume_MoreThanThereIs_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new InputBuffer().Consume(1));
}
