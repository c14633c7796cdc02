// Stands for the marker interfaces of Orleans: Orleans.Runtime.IAddressable, Orleans.IGrain, Orleans.IGrainWithIntegerKey,
// Orleans.IGrainWithStringKey, Orleans.IGrainWithGuidKey, Orleans.IGrainObserver, and Orleans.IGrainBase.
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that a grain reference can point at.</summary>
    public interface IAddressable
    {
    }
}

namespace Orleans
{
    public interface IGrain : IAddressable
    {
    }

    public interface IGrainWithIntegerKey : IGrain
    {
    }

    public interface IGrainWithStringKey : IGrain
    {
    }

    public interface IGrainWithGuidKey : IGrain
    {
    }

    /// <summary>An object of a client that grains may call back: one way, with no promise of delivery.</summary>
    public interface IGrainObserver : IAddressable
    {
    }

    /// <summary>What a grain class is to the runtime.</summary>
    public interface IGrainBase
    {
        IGrainContext GrainContext { get; }

        Task OnActivateAsync(CancellationToken token);

        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token);
    }
}
