using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains;

/// <summary>
/// A slot's actor, placed with the slot. The data is the store's: activating and deactivating neither loads nor drops anything, and a
/// call here takes the same slot lock that the silo's own gateway takes, so the two ways to a key are one.
/// </summary>
[KeepAlive, SlotPlacement]
public sealed class SlotGrain(GrainCommands executor) : Grain, ISlotGrain
{
    public Task<RespBatch> ExecuteAsync(RespBatch commands, int database) =>
        Task.FromResult(executor.Execute(commands, database, (int)this.GetPrimaryKeyLong()));
}
