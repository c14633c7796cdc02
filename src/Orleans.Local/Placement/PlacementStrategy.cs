// Stands for Orleans.Runtime.PlacementStrategy, Orleans.Placement.PlacementAttribute, and the two built-in strategies
// Orleans.Runtime.RandomPlacement and Orleans.Runtime.PreferLocalPlacement with their attributes.
using Orleans.Placement;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>How the silo of a new activation is chosen; a key to its <see cref="Placement.IPlacementDirector"/>.</summary>
    public abstract class PlacementStrategy
    {
    }

    [GenerateSerializer, Immutable]
    public class RandomPlacement : PlacementStrategy
    {
    }

    [GenerateSerializer, Immutable]
    public class PreferLocalPlacement : PlacementStrategy
    {
    }
}

namespace Orleans.Placement
{
    /// <summary>The base of the attributes that give a grain class its placement strategy.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public abstract class PlacementAttribute : Attribute
    {
        protected PlacementAttribute(PlacementStrategy placement) => PlacementStrategy = placement;

        public PlacementStrategy PlacementStrategy { get; }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());
}
