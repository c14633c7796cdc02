// Stands for Orleans.Metadata.GrainProperties and Orleans.Runtime.IGrainActivator: what the runtime knows of one grain class.
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed class GrainClass
{
    private readonly Type _type;
    private readonly ConstructorInfo _constructor;
    private readonly TimeSpan? _collectionAge;
    private readonly (Type Type, PersistentStateAttribute? State)[] _parameters;

    public GrainClass(Type type)
    {
        _type = type;
        GrainType = GrainType.Create(type.GetCustomAttribute<GrainTypeAttribute>()?.Name ?? DefaultName(type));
        Placement = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy ?? new RandomPlacement();
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        KeepAlive = type.IsDefined(typeof(KeepAliveAttribute));
        _collectionAge = type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit;
        Interfaces = [.. type.GetInterfaces().Where(candidate => typeof(IGrain).IsAssignableFrom(candidate))];
        _constructor = type.GetConstructors().OrderByDescending(constructor => constructor.GetParameters().Length).First();
        _parameters = [.. _constructor.GetParameters().Select(parameter =>
            (parameter.ParameterType, parameter.GetCustomAttribute<PersistentStateAttribute>()))];
    }

    public GrainType GrainType { get; }

    public PlacementStrategy Placement { get; }

    /// <summary>Whether the class is of the runtime itself: left alone by mischief, and ended last.</summary>
    public bool IsOfRuntime => _type.Assembly == typeof(GrainClass).Assembly;

    public bool IsReentrant { get; }

    public bool KeepAlive { get; }

    public Type[] Interfaces { get; }

    public string Name => _type.FullName!;

    public object Create(IGrainContext context)
    {
        var arguments = new object?[_parameters.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            var (type, state) = _parameters[i];
            arguments[i] = state is not null ? PersistentState.Create(type, state, context)
                : type == typeof(IGrainContext) ? context
                : context.ActivationServices.GetRequiredService(type);
        }

        return _constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    public TimeSpan GetCollectionAge(GrainCollectionOptions options) =>
        options.ClassSpecificCollectionAge.TryGetValue(Name, out var age) ? age : _collectionAge ?? options.CollectionAge;

    public override string ToString() => Name;

    private static string DefaultName(Type type)
    {
        const string Suffix = "Grain";
        string name = type.Name;
        if (name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal))
            name = name[..^Suffix.Length];
        return name.ToLowerInvariant();
    }
}
