using Orleans;

namespace OrleansKv.Contracts;

/// <summary>
/// A silo incarnation as the replica of others. Its key is the silo's address, as that of <see cref="ISiloGrain"/>, which it stands beside so that
/// promises do not wait for commands.
/// </summary>
[Alias("OrleansKv.IReplicaGrain")]
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Takes the next part of a primary's stream. A call whose outcome is unknown is made again: what came already is passed over.</summary>
    /// <exception cref="TimeoutException">No answer came in time, which the primary takes for none.</exception>
    [Alias("Replicate"), ResponseTimeout("00:00:02")]
    Task<ReplicaAnswer> ReplicateAsync(ReplicaCall call);

    /// <summary>
    /// Takes a part of the bytes of an item that is too long for one call. <see cref="ReplicateAsync"/> then brings the item without them. Parts are
    /// kept of one item of a primary at a time.
    /// </summary>
    /// <returns>How many bytes of the item are here, which is where the next part begins; -1 where a later session has begun.</returns>
    [Alias("TakePart"), ResponseTimeout("00:00:02")]
    Task<int> TakePartAsync(ReplicaPart part);
}
