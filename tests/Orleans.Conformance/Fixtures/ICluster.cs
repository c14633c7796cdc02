using Orleans;

namespace OrleansKv.Orleans.Conformance;

/// <summary>A running cluster of one kind or another, and a client of it.</summary>
public interface ICluster
{
    IClusterClient Client { get; }
}
