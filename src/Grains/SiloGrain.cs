using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Grains.Blocking;
using OrleansKv.Grains.Cluster;
using OrleansKv.Grains.PubSub;
using OrleansKv.Grains.Replication;

namespace OrleansKv.Grains;

/// <summary>A silo's actor: takes what other silos send to slots of this one. Reentrant, since each batch is executed in one turn
/// anyway; only its replies may wait.</summary>
[KeepAlive, Reentrant, SiloPlacement]
public sealed class SiloGrain(GrainCommands executor, MessageInbox inbox, RemoteWaits remote, Store store, TimeProvider time) : Grain, ISiloGrain
{
    public Task<RespBatch> ExecuteAsync(RespBatch commands, int database) =>
        executor.ExecuteAsync(commands, database, slotNumber: null);

    public Task<RespBatch[]> ExecuteAllAsync(ClientBatch[] batches) => executor.ExecuteAllAsync(batches);

    public Task<int> CountReplicasAsync(long count, int limitMs) => ReplicaCount.AwaitAsync(store, count, limitMs, time);

    public Task PingAsync() => Task.CompletedTask;

    public Task<string?> ConfigureAsync(string[] pairs, bool isLocalClient) => Task.FromResult(ConfigEditor.Set(store.Config, pairs, isLocalClient));

    public Task UpdateMapAsync(SlotMap map)
    {
        ServiceProvider.GetService<SlotMapSource>()?.Accept(map);
        return Task.CompletedTask;
    }

    public Task<int[]> DeliverAsync(string silo, string gateway, long first, ChannelMessage[] messages) =>
        Task.FromResult(inbox.Deliver(silo, gateway, first, messages));

    public Task<byte[][]> TopicsAsync(TopicKind kind) => Task.FromResult(inbox.Topics(kind));

    public Task<int[]> CountSubscribersAsync(TopicKind kind, byte[][] topics) => Task.FromResult(inbox.Count(kind, topics));

    public Task<WaitAnswer> WaitAsync(string gateway, long wait, RespBatch command, int database) =>
        remote.WaitAsync(gateway, wait, command, database);

    public Task CancelWaitAsync(string gateway, long wait)
    {
        remote.Cancel(gateway, wait);
        return Task.CompletedTask;
    }

    public Task<long[]> WakeAsync(long[] waits) =>
        Task.FromResult(Array.FindAll(waits, wait => store.WaitingClients?.Wake(wait) != true));
}
