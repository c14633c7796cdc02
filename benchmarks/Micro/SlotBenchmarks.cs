using BenchmarkDotNet.Attributes;
using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Micro;

/// <summary>From a key to its slot.</summary>
public class SlotLookUp : IDisposable
{
    private readonly byte[] _key = "key:000000001234"u8.ToArray();
    private readonly byte[] _tagged = "user:{1234}:profile"u8.ToArray();
    private readonly CommandLoop _loop = new();

    [GlobalCleanup]
    public void Dispose()
    {
        _loop.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Hash() => SlotHash.Of(_key);

    [Benchmark]
    public int HashTagged() => SlotHash.Of(_tagged);

    [Benchmark]
    public Slot SlotOf() => _loop.Store.SlotOf(_key);
}
