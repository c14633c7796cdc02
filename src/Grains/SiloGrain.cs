using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains;

/// <summary>A silo's actor: takes what other silos send to slots of this one. Reentrant, since each batch is one turn anyway.</summary>
[KeepAlive, Reentrant, SiloPlacement]
public sealed class SiloGrain(GrainCommands executor) : Grain, ISiloGrain
{
    public Task<RespBatch> ExecuteAsync(RespBatch commands, int database) =>
        Task.FromResult(executor.Execute(commands, database, slotNumber: null));

    public Task PingAsync() => Task.CompletedTask;

    public Task UpdateMapAsync(SlotMap map)
    {
        ServiceProvider.GetService<SlotMapSource>()?.Accept(map);
        return Task.CompletedTask;
    }
}
