using Orleans;

namespace OrleansKv.Contracts;

/// <summary>A replica that its primary waits for, as the primary reports it.</summary>
/// <param name="Silo">The incarnation of the replica.</param>
/// <param name="Through">The highest epoch of the primary's slots that it holds.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.SyncedCopy")]
public readonly record struct SyncedCopy([property: Id(0)] string Silo, [property: Id(1)] long Through);
