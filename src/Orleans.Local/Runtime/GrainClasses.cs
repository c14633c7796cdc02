// Stands for Orleans.Metadata.GrainManifest and Orleans.GrainInterfaceTypeToGrainTypeResolver. Orleans lists an application's
// grain classes at build time; here they are found by reflection.
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed class GrainClasses
{
    private readonly Dictionary<GrainType, GrainClass> _byType = [];
    private readonly Dictionary<Type, List<GrainClass>> _byInterface = [];

    public GrainClasses()
    {
        var types = ApplicationAssemblies.Find().Append(typeof(GrainClasses).Assembly)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsClass && !type.IsAbstract && type.IsAssignableTo(typeof(Grain)));
        foreach (var grainClass in types.Select(type => new GrainClass(type)))
            Add(grainClass);
    }

    public GrainClass this[GrainType type] =>
        _byType.TryGetValue(type, out var grainClass)
            ? grainClass
            : throw new ArgumentException($"Could not find a grain class for grain type {type}.", nameof(type));

    /// <summary>Which class has which interface, as clients need to know it.</summary>
    public GrainManifest Manifest => field ??= new(_byInterface.SelectMany(pair =>
        pair.Value.Select(grainClass => new ManifestEntry(WireTypes.SimpleNameOf(pair.Key), grainClass.Name, grainClass.GrainType))));

    private void Add(GrainClass grainClass)
    {
        if (!_byType.TryAdd(grainClass.GrainType, grainClass))
            throw new InvalidOperationException($"Grain type {grainClass.GrainType} is both {grainClass} and {_byType[grainClass.GrainType]}.");
        foreach (var interfaceType in grainClass.Interfaces)
        {
            if (!_byInterface.TryGetValue(interfaceType, out var classes))
                _byInterface.Add(interfaceType, classes = []);
            classes.Add(grainClass);
        }
    }
}
