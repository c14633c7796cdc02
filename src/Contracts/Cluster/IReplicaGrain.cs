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
}
