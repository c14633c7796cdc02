namespace OrleansKv.Engine.Tests;

/// <summary>Tests that look at <see cref="Memory.SlabHeap.AllocatedBytes"/>, which all share: none runs beside another test.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NativeMemoryCollection
{
    public const string Name = "native memory";
}
