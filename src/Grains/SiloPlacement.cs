using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansKv.Grains;

/// <summary>A silo's grain goes to the silo that its key names.</summary>
[GenerateSerializer, Immutable, Alias("OrleansKv.SiloPlacement")]
public sealed class SiloPlacement : PlacementStrategy;

/// <summary>Marks a grain class whose key is a silo's address.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SiloPlacementAttribute() : PlacementAttribute(new SiloPlacement());

/// <summary>Follows the key, and refuses one that names a silo, or an incarnation of one, that is not in the cluster.</summary>
public sealed class SiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var named = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return Array.IndexOf(context.GetCompatibleSilos(target), named) >= 0
            ? Task.FromResult(named)
            : Task.FromException<SiloAddress>(new SiloUnavailableException($"Silo {named.ToParsableString()} is not in the cluster."));
    }
}
