using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>What the connections of one I/O loop share. Used on the loop's thread alone.</summary>
internal sealed class LoopState(IoLoop loop, Worker worker)
{
    public IoLoop Loop { get; } = loop;

    public Worker Worker { get; } = worker;

    /// <summary>The connections on this loop.</summary>
    public HashSet<RespConnection> Clients { get; } = [];

    /// <summary>Where the replies of a client that wants none go (CLIENT REPLY OFF); emptied after each command.</summary>
    public ReplyBuffer Discard { get; } = new();
}
