// Stands for Orleans.Runtime.Placement.PlacementService and the directors of the built-in strategies: with one silo in the
// cluster both strategies come to the same.
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansKv.LocalRuntime;

internal sealed class LocalPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(context.LocalSilo);
}

internal sealed class LocalPlacement(IServiceProvider services, ILocalSiloDetails silo) : IPlacementContext
{
    public SiloAddress LocalSilo => silo.SiloAddress;

    public SiloStatus LocalSiloStatus => SiloStatus.Active;

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target) => [silo.SiloAddress];

    /// <summary>Asks the director of the grain's strategy; this cluster can follow it only to its one silo.</summary>
    public async Task PlaceAsync(GrainClass grainClass, GrainId grainId, Type interfaceType)
    {
        var director = services.GetKeyedService<IPlacementDirector>(grainClass.Placement.GetType())
            ?? throw new KeyNotFoundException($"No placement director is registered for {grainClass.Placement.GetType()}.");
        var target = new PlacementTarget(grainId, [], GrainInterfaceType.Create(interfaceType.FullName!), 0);
        var chosen = await director.OnAddActivation(grainClass.Placement, target, this);
        if (!LocalSilo.Equals(chosen))
            throw new SiloUnavailableException($"Grain {grainId} was placed on silo {chosen}, which is not in the cluster.");
    }
}
