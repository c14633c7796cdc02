using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Replication;

/// <summary>Takes the streams of the silos that this one keeps copies of, one call after the other.</summary>
[KeepAlive, SiloPlacement]
public sealed class ReplicaGrain(ReplicationDriver driver) : Grain, IReplicaGrain
{
    public Task<ReplicaAnswer> ReplicateAsync(ReplicaCall call) =>
        Task.FromResult(ReplicaWire.ToAnswer(driver.Receive(ReplicaWire.FromCall(call))));
}
