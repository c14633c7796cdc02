// Stands for Orleans.Runtime.Placement.PlacementService, RandomPlacementDirector and PreferLocalPlacementDirector.
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansKv.LocalRuntime;

internal sealed class RandomPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(silos.Length == 1 ? silos[0] : silos[RandomNumberGenerator.GetInt32(silos.Length)]);
    }
}

internal sealed class PreferLocalPlacementDirector : IPlacementDirector
{
    private readonly RandomPlacementDirector _random = new();

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Array.IndexOf(context.GetCompatibleSilos(target), context.LocalSilo) >= 0
            ? Task.FromResult(context.LocalSilo)
            : _random.OnAddActivation(strategy, target, context);
}

internal sealed class LocalPlacement(IServiceProvider services, ILocalSiloDetails silo) : IPlacementContext
{
    public SiloAddress LocalSilo => silo.SiloAddress;

    public SiloStatus LocalSiloStatus => Views?.Current.Snapshot.GetSiloStatus(LocalSilo) ?? SiloStatus.Active;

    /// <summary>The cluster's membership; null in a silo alone.</summary>
    public ClusterViews? Views { get; set; }

    /// <summary>All active silos: the processes of one cluster run the same program.</summary>
    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        if (Views is null)
            return [silo.SiloAddress];
        var active = Views.Current.Active;
        return active.Length > 0
            ? [.. active]
            : throw new SiloUnavailableException($"Grain {target.GrainIdentity} cannot be placed: the cluster has no active silo.");
    }

    /// <summary>Asks the director of the grain's strategy.</summary>
    public async Task<SiloAddress> PlaceAsync(GrainClass grainClass, GrainId grainId, Type interfaceType)
    {
        var director = services.GetKeyedService<IPlacementDirector>(grainClass.Placement.GetType())
            ?? throw new KeyNotFoundException($"No placement director is registered for {grainClass.Placement.GetType()}.");
        var target = new PlacementTarget(grainId, [], GrainInterfaceType.Create(interfaceType.FullName!), 0);
        return await director.OnAddActivation(grainClass.Placement, target, this);
    }
}
