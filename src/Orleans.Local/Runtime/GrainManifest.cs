// Stands for Orleans.Metadata.ClusterManifest and Orleans.GrainInterfaceTypeToGrainTypeResolver.
using System.Collections.Concurrent;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>The grain types of each interface, by name: a client has the interfaces and not the classes.</summary>
internal sealed class GrainManifest(IEnumerable<ManifestEntry> entries)
{
    private readonly ILookup<string, ManifestEntry> _byInterface = entries.ToLookup(entry => entry.InterfaceName);
    private readonly ConcurrentDictionary<(Type InterfaceType, string? ClassNamePrefix), GrainType> _found = new();

    public ManifestAnswer Answer => new([.. _byInterface.SelectMany(entries => entries)]);

    /// <summary>The one class that implements the interface, or the one of several whose full name has the prefix.</summary>
    public GrainType Find(Type interfaceType, string? classNamePrefix) =>
        _found.GetOrAdd((interfaceType, classNamePrefix), key => Choose(key.InterfaceType, key.ClassNamePrefix));

    private GrainType Choose(Type interfaceType, string? classNamePrefix)
    {
        var candidates = _byInterface[WireTypes.SimpleNameOf(interfaceType)].ToArray();
        if (candidates.Length == 0)
            throw new ArgumentException($"Could not find an implementation for interface {interfaceType}.", nameof(interfaceType));
        var matches = classNamePrefix is null
            ? candidates
            : Array.FindAll(candidates, candidate => candidate.ClassName.StartsWith(classNamePrefix, StringComparison.Ordinal));
        return matches.Length == 1
            ? matches[0].GrainType
            : throw new ArgumentException($"Interface {interfaceType} has {matches.Length} implementations that match.", nameof(interfaceType));
    }
}
