using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>The slot map as grain storage has it.</summary>
[GenerateSerializer, Alias("OrleansKv.SlotMapState")]
public sealed class SlotMapState
{
    /// <summary>Null before the first.</summary>
    [Id(0)]
    public SlotMap? Map { get; set; }
}
