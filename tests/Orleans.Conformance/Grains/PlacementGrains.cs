using System.Collections.Concurrent;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansKv.Orleans.Conformance;

[GenerateSerializer, Immutable, Alias("conformance.RecordedPlacement")]
public sealed class RecordedPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class RecordedPlacementAttribute() : PlacementAttribute(new RecordedPlacement());

/// <summary>Places a grain on the silo of highest address, and keeps a record of it.</summary>
public sealed class RecordingDirector : IPlacementDirector
{
    public static ConcurrentDictionary<GrainId, SiloAddress> Placed { get; } = new();

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        Assert.IsType<RecordedPlacement>(strategy);
        var silo = context.GetCompatibleSilos(target).Max()!;
        Placed[target.GrainIdentity] = silo;
        return Task.FromResult(silo);
    }
}

[Alias("conformance.IPlacedGrain")]
public interface IPlacedGrain : IGrainWithIntegerKey
{
    [Alias("GetSilo")]
    Task<string> GetSilo();
}

[RecordedPlacement]
public class PlacedGrain(ILocalSiloDetails silo) : Grain, IPlacedGrain
{
    public Task<string> GetSilo() => Task.FromResult(silo.SiloAddress.ToParsableString());
}

/// <summary>Takes part in the silo's life cycle, as the wiring of the real silo does.</summary>
public sealed class RecordingParticipant : ILifecycleParticipant<ISiloLifecycle>
{
    public List<string> Events { get; } = [];

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe("late", ServiceLifecycleStage.Active, _ => Add("late started"), _ => Add("late stopped"));
        lifecycle.Subscribe(
            "early", ServiceLifecycleStage.ApplicationServices, _ => Add("early started"), _ => Add("early stopped"));
    }

    private Task Add(string text)
    {
        lock (Events)
            Events.Add(text);
        return Task.CompletedTask;
    }
}

[GenerateSerializer, Immutable, Alias("conformance.AddressedPlacement")]
public sealed class AddressedPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
public sealed class AddressedPlacementAttribute() : PlacementAttribute(new AddressedPlacement());

/// <summary>Follows a key of a silo's address, a space and anything.</summary>
public sealed class AddressedDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!.Split(' ')[0]);
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"Silo {silo} is not in the cluster.");
    }
}
