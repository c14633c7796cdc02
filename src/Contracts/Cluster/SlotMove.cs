using Orleans;

namespace OrleansKv.Contracts;

/// <summary>Consecutive slots that are to change their owner.</summary>
/// <param name="First">0 to 16383.</param>
/// <param name="Last">Inclusive.</param>
/// <param name="From">The incarnation that owns them.</param>
/// <param name="To">The incarnation that gets them: first a copy, as a replica of the owner.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.SlotMove")]
public readonly record struct SlotMove(
    [property: Id(0)] int First, [property: Id(1)] int Last, [property: Id(2)] string From, [property: Id(3)] string To)
{
    /// <summary>Slots of the move.</summary>
    public int Count => Last - First + 1;
}
