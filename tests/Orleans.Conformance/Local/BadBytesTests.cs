using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Bytes that anybody may have sent: refused with one kind of exception, at no more cost than their length.</summary>
[Collection(OnHost.Name)]
public sealed class BadBytesTests(HostCluster cluster)
{
    private const int Seed = 20_26;
    private const int Rounds = 20_000;

    private Serializer Serializer => cluster.Client.ServiceProvider.GetRequiredService<Serializer>();

    [Fact]
    public void Bytes_CutShort_AreASerializerException()
    {
        var bytes = Serializer.SerializeToArray(SerializerTests.NewAllKinds());

        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<SerializerException>(() => Serializer.Deserialize<AllKinds>(bytes[..length]));
    }

    [Fact]
    public void Bytes_Damaged_AreReadOrASerializerException()
    {
        var bytes = Serializer.SerializeToArray<object>(SerializerTests.NewAllKinds());
        var random = new Random(Seed);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = [.. bytes];
            for (int i = random.Next(1, 4); i > 0; i--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Serializer.Deserialize<object>(damaged);
            }
            catch (SerializerException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {Seed}, round {round}: {exception}");
            }
        }
    }

    [Fact]
    public void Length_ThatIsFalse_AllocatesNothingOfIt()
    {
        // Of the declared type, then a length of two thousand million elements.
        byte[] bytes = [2, 0x80, 0x80, 0x80, 0x80, 0x08, 1, 2, 3];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<SerializerException>(() => Serializer.Deserialize<long[]>(bytes));
        Assert.Throws<SerializerException>(() => Serializer.Deserialize<List<string>>(bytes));
        Assert.Throws<SerializerException>(() => Serializer.Deserialize<byte[]>([1, 0x80, 0x80, 0x80, 0x80, 0x08, 1, 2, 3]));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Value_NestedWithoutEnd_IsRefused()
    {
        var node = new Node();
        for (int i = 0; i < 100_000; i++)
            node = new() { Next = node };

        Assert.Throws<SerializerException>(() => Serializer.SerializeToArray(node));
        // Arrays of arrays, each with one element, of the declared type object and the named type object[].
        byte[] level = [3, 15, .. "System.Object[]"u8, 1];
        byte[] deep = [.. Enumerable.Repeat(level, 100_000).SelectMany(bytes => bytes)];
        Assert.Throws<SerializerException>(() => Serializer.Deserialize<object>(deep));
    }

    [Fact]
    public void TypeName_OfAnUnmarkedType_IsRefused()
    {
        byte[] bytes = [3, 23, .. "System.IO.FileSystemInf"u8, 0];

        Assert.Throws<CodecNotFoundException>(() => Serializer.Deserialize<object>(bytes));
        Assert.Throws<CodecNotFoundException>(() => Serializer.Deserialize<object>([3, 18, .. "System.IO.FileInfo"u8, 0]));
    }

    [Fact]
    public void Exception_OfAnUnknownType_KeepsItsMessage()
    {
        var bytes = Serializer.SerializeToArray<Exception>(new RefusedException("told"));
        int index = bytes.AsSpan().IndexOf("RefusedException"u8);
        "RemovedException"u8.CopyTo(bytes.AsSpan(index));

        var read = Assert.IsType<UnavailableExceptionFallbackException>(Serializer.Deserialize<Exception>(bytes));

        Assert.Equal("told", read.Message);
        Assert.EndsWith("RemovedException", read.ExceptionType, StringComparison.Ordinal);
    }
}
