using Orleans;

namespace OrleansKv.Contracts;

/// <summary>Tells where a silo's process takes lifelines. Its key is the silo's address, as with <see cref="ISiloGrain"/>.</summary>
[Alias("OrleansKv.ILifelineGrain")]
public interface ILifelineGrain : IGrainWithStringKey
{
    /// <summary>The TCP port, at the silo's own IP address.</summary>
    [Alias("GetPort")]
    Task<int> GetPortAsync();
}
