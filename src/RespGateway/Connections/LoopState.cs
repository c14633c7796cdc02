using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.PubSub;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>What the connections of one I/O loop share. Used on the loop's thread alone, except where a member says otherwise.</summary>
internal sealed class LoopState(IoLoop loop, Worker worker)
{
    private readonly List<(RespConnection[] Receivers, PubSubMessage Message)> _pushes = [];
    private long _clientBytes;

    public IoLoop Loop { get; } = loop;

    public Worker Worker { get; } = worker;

    /// <summary>The commands that the connection which executes has read.</summary>
    public CommandBatch Batch { get; } = new(worker.Store);

    /// <summary>Tells the connections of this loop that what their replies waited for is committed, or lost.</summary>
    public CommitWakeUps Commits { get; } = new(loop);

    /// <summary>What the connections of this loop send to other silos.</summary>
    public SiloCalls Calls { get; } = new(loop);

    /// <summary>The connections of this loop that wait for replicas.</summary>
    public ReplicaWaits ReplicaWaits { get; } = new(loop, worker.Store);

    /// <summary>The connections on this loop.</summary>
    public HashSet<RespConnection> Clients { get; } = [];

    /// <summary>Where the replies of a client that wants none go (CLIENT REPLY OFF); emptied after each command.</summary>
    public ReplyBuffer Discard { get; } = new();

    /// <summary>True while a connection of this loop executes its input.</summary>
    public bool IsExecuting { get; set; }

    /// <summary>What the clients' buffers take, as of the last look. Any thread.</summary>
    public long ClientBytes
    {
        get => Volatile.Read(ref _clientBytes);
        set => Volatile.Write(ref _clientBytes, value);
    }

    /// <summary>True where messages wait for the end of the command under way.</summary>
    public bool HasPushes => _pushes.Count > 0;

    /// <summary>
    /// Any thread: takes a message that a command executing on this loop has caused, to be delivered right behind that command's reply. False
    /// where this is another thread or nothing executes, or where earlier messages from other loops may still wait, which must not be
    /// overtaken: then it is to be posted.
    /// </summary>
    public bool TryPush(RespConnection[] receivers, PubSubMessage message)
    {
        if (!Loop.IsCurrent || !IsExecuting || Loop.HasPosted) return false;
        _pushes.Add((receivers, message));
        return true;
    }

    /// <summary>Delivers what the last command caused. Its own client's reply is in the output already.</summary>
    public void DeliverPushes(PubSubHub hub)
    {
        for (var i = 0; i < _pushes.Count; i++)
        {
            var (receivers, message) = _pushes[i];

            // What was encoded for one message is not kept until the last is delivered.
            _pushes[i] = default;
            hub.Deliver(receivers, message);
        }

        _pushes.Clear();
    }
}
