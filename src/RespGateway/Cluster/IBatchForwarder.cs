using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Takes runs of commands to the silos that own their slots.</summary>
public interface IBatchForwarder
{
    /// <summary>Has a silo execute the commands of some clients, each client's in order. Returns at once.</summary>
    /// <param name="silo">The silo's incarnation, as the slot map names it.</param>
    /// <param name="batches">A batch for each client.</param>
    /// <param name="done">Called once, on any thread: with the replies of the first of the batches, and certainly none of the others was executed; or
    /// with an exception, after which it is unknown whether the commands were executed.</param>
    void Forward(string silo, ClientBatch[] batches, Action<RespBatch[], Exception?> done);
}
