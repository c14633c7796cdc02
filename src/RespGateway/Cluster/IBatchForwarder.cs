using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Takes runs of commands to the silos that own their slots.</summary>
public interface IBatchForwarder
{
    /// <summary>Has a silo execute commands in order. Returns at once.</summary>
    /// <param name="silo">The silo's incarnation, as the slot map names it.</param>
    /// <param name="commands">RESP commands.</param>
    /// <param name="database">The database they work on.</param>
    /// <param name="done">Called once, on any thread: with the replies in the same order, or with an exception, after which it is unknown whether
    /// the commands were executed.</param>
    void Forward(string silo, RespBatch commands, int database, Action<RespBatch, Exception?> done);
}
