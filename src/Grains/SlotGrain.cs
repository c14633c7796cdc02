using Orleans;
using Orleans.Concurrency;
using OrleansKv.Contracts;

namespace OrleansKv.Grains;

/// <summary>
/// A slot's actor, placed with the slot. The data is the store's: activating and deactivating neither loads nor drops anything, and a
/// call here takes the same slot lock that the silo's own gateway takes, so the two ways to a key are one. Reentrant as <see cref="SiloGrain"/> is.
/// </summary>
[KeepAlive, Reentrant, SlotPlacement]
public sealed class SlotGrain(GrainCommands executor) : Grain, ISlotGrain
{
    public Task<RespBatch> ExecuteAsync(RespBatch commands, int database) =>
        executor.ExecuteAsync(commands, database, (int)this.GetPrimaryKeyLong());
}
