using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;

namespace OrleansKv.Grains;

/// <summary>
/// A slot's actor, placed with the slot. The data is the store's: activating and deactivating neither loads nor drops anything, and a
/// call here takes the same slot lock that the silo's own gateway takes, so the two ways to a key are one. Reentrant as <see cref="SiloGrain"/> is.
/// Where the slot has gone to another silo, it forwards, and goes there itself when it is idle.
/// </summary>
[KeepAlive, Reentrant, SlotPlacement]
public sealed class SlotGrain(GrainCommands executor, Store store, ILocalSiloDetails silo) : Grain, ISlotGrain
{
    private SlotCalls? _calls;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _calls = new SlotCalls(
            executor, store, silo.SiloAddress.ToParsableString(), ServiceProvider.GetService<ISlotMapSource>(),
            (owner, commands, database) => GrainFactory.GetGrain<ISiloGrain>(owner).ExecuteAsync(commands, database));
        return Task.CompletedTask;
    }

    public async Task<RespBatch> ExecuteAsync(RespBatch commands, int database)
    {
        var (replies, isElsewhere) = await _calls!.ExecuteAsync(commands, database, (int)this.GetPrimaryKeyLong());
        if (isElsewhere) DeactivateOnIdle();
        return replies;
    }
}
