using Microsoft.Extensions.DependencyInjection;
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

/// <summary>
/// Follows the slot map where the silo has one. Without one, as before the first version, every silo has an equal, contiguous share of the
/// slots, in the order of their addresses.
/// </summary>
public sealed class SlotPlacementDirector(IServiceProvider services) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var slot = target.GrainIdentity.GetIntegerKey();
        if (slot is < 0 or >= SlotHash.SlotCount)
            throw new ArgumentOutOfRangeException(nameof(target), slot, "A slot is a number from 0 to 16383.");
        var silos = context.GetCompatibleSilos(target);
        if (services.GetService<ISlotMapSource>()?.Current is { Version: > 0 } map) return Task.FromResult(OwnerOf(map, (int)slot, silos));
        Array.Sort(silos);
        return Task.FromResult(silos[slot * silos.Length / SlotHash.SlotCount]);
    }

    private static SiloAddress OwnerOf(SlotMap map, int slot, SiloAddress[] silos)
    {
        if (map.RangeOf(slot).Owner is not { } owner) throw new SiloUnavailableException($"Slot {slot} has no owner.");
        return Array.Find(silos, silo => silo.ToParsableString() == owner)
            ?? throw new SiloUnavailableException($"Silo {owner}, which owns slot {slot}, is not in the cluster.");
    }
}
