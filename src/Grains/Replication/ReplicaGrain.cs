using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Replication;

/// <summary>Takes the streams of the silos that this one keeps copies of, one call after the other.</summary>
[KeepAlive, SiloPlacement]
public sealed class ReplicaGrain(ReplicationDriver driver) : Grain, IReplicaGrain
{
    public Task<ReplicaAnswer> ReplicateAsync(ReplicaCall call)
    {
        var answer = ReplicaWire.ToAnswer(driver.Receive(ReplicaWire.FromCall(driver.Parts.Complete(call))));
        driver.Parts.Forget(call.Primary, answer);
        return Task.FromResult(answer);
    }

    public Task<int> TakePartAsync(ReplicaPart part) => Task.FromResult(driver.Parts.Take(part));
}
