using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansKv.Contracts;

namespace OrleansKv.Grains;

/// <summary>A slot's grain goes where the slot is.</summary>
[GenerateSerializer, Immutable, Alias("OrleansKv.SlotPlacement")]
public sealed class SlotPlacement : PlacementStrategy;

/// <summary>Marks a grain class whose key is a slot's number.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SlotPlacementAttribute() : PlacementAttribute(new SlotPlacement());

/// <summary>Gives every silo an equal, contiguous share of the slots, in the order of their addresses.</summary>
public sealed class SlotPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var slot = target.GrainIdentity.GetIntegerKey();
        if (slot is < 0 or >= SlotHash.SlotCount)
            throw new ArgumentOutOfRangeException(nameof(target), slot, "A slot is a number from 0 to 16383.");
        var silos = context.GetCompatibleSilos(target);
        Array.Sort(silos);
        return Task.FromResult(silos[slot * silos.Length / SlotHash.SlotCount]);
    }
}
