using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Membership;

/// <summary>See <see cref="DeathWatch"/>.</summary>
[SiloPlacement]
public sealed class LifelineGrain(LifelineListener listener) : Grain, ILifelineGrain
{
    public Task<int> GetPortAsync() => Task.FromResult(listener.Port);
}
