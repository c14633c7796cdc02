using Orleans;

namespace OrleansKv.Contracts;

/// <summary>What one client of a gateway has for a silo, in a call that brings there what many clients have.</summary>
/// <param name="Commands">RESP commands.</param>
/// <param name="Database">The database they work on.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.ClientBatch")]
public readonly record struct ClientBatch([property: Id(0)] RespBatch Commands, [property: Id(1)] int Database);
