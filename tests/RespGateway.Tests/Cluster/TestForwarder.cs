using System.Collections.Concurrent;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Grains;
using OrleansKv.Grains.Blocking;
using OrleansKv.Grains.PubSub;
using OrleansKv.Grains.Replication;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>What becomes of a call to a silo.</summary>
internal enum CallFault
{
    None,

    /// <summary>The call fails, and nothing was executed.</summary>
    Lost,

    /// <summary>The commands are executed, and the reply is lost.</summary>
    ReplyLost,

    /// <summary>The silo replies with something that is no RESP.</summary>
    Garbage,
}

/// <summary>Executes forwarded batches on the stores of the test's process, on other threads, with the faults that a test asks for.</summary>
internal sealed class TestForwarder : IBatchForwarder, ISiloMessenger
{
    private readonly ConcurrentDictionary<string, GrainCommands> _silos = new();
    private readonly ConcurrentDictionary<string, MessageInbox> _inboxes = new();
    private readonly ConcurrentDictionary<string, RemoteWaits> _waits = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private int _underWay;

    /// <summary>Decides what becomes of a call, given the silo.</summary>
    public Func<string, CallFault> Fault { get; set; } = _ => CallFault.None;

    /// <summary>Calls made.</summary>
    public int Calls => Volatile.Read(ref _calls);

    private int _calls;

    /// <summary>Calls that are not done.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public void Add(string silo, GrainCommands commands, MessageInbox inbox, RemoteWaits waits)
    {
        _silos[silo] = commands;
        _inboxes[silo] = inbox;
        _waits[silo] = waits;
    }

    public Func<string, Store> StoreOf { get; set; } = _ => throw new TimeoutException();

    public Func<string, ServerConfig> ConfigOf { get; set; } = _ => throw new TimeoutException();

    public Task<string?> ConfigureAsync(string silo, string[] pairs, bool isLocalClient) => Task.Run(() =>
        Fault(silo) == CallFault.None ? ConfigEditor.Set(ConfigOf(silo), pairs, isLocalClient) : throw new TimeoutException("no answer"));

    /// <summary>Calls to a silo stay where they are until <see cref="LetGo"/>.</summary>
    public void Hold(string silo) => _held[silo] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo(string silo)
    {
        if (_held.TryRemove(silo, out var gate)) gate.SetResult();
    }

    public void Forward(string silo, ClientBatch[] batches, Action<RespBatch[], Exception?> done)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Increment(ref _underWay);
        _ = Task.Run(async () =>
        {
            if (_held.TryGetValue(silo, out var gate)) await gate.Task;
            var fault = Fault(silo);
            RespBatch[] replies = [];
            Exception? failure = fault is CallFault.Lost or CallFault.ReplyLost ? new TimeoutException() : null;
            try
            {
                if (fault != CallFault.Lost) replies = await _silos[silo].ExecuteAllAsync(batches);
            }
            catch (SiloUnavailableException error)
            {
                failure = error;
            }

            if (fault == CallFault.Garbage) replies = Array.ConvertAll(batches, _ => new RespBatch("nonsense"u8.ToArray()));
            Interlocked.Decrement(ref _underWay);
            done(replies, failure);
        });
    }

    public Task<int[]> DeliverAsync(string silo, string publisherSilo, string gateway, long first, ChannelMessage[] messages) =>
        CallAsync(silo, () => _inboxes[silo].Deliver(publisherSilo, gateway, first, messages));

    public Task<byte[][]> TopicsAsync(string silo, TopicKind kind) => CallAsync(silo, () => _inboxes[silo].Topics(kind));

    public Task<int[]> CountSubscribersAsync(string silo, TopicKind kind, byte[][] topics) =>
        CallAsync(silo, () => _inboxes[silo].Count(kind, topics));

    public Task<WaitAnswer> WaitAsync(string silo, string gateway, long wait, RespBatch command, int database) =>
        CallAsync(silo, () => _waits[silo].WaitAsync(gateway, wait, command, database)).Unwrap();

    public Task CancelWaitAsync(string silo, string gateway, long wait) => CallAsync(silo, () =>
    {
        _waits[silo].Cancel(gateway, wait);
        return 0;
    });

    public Task<int> CountReplicasAsync(string silo, long count, int limitMs) =>
        CallAsync(silo, () => ReplicaCount.AwaitAsync(StoreOf(silo), count, limitMs, TimeProvider.System)).Unwrap();

    public Task<T> CallAsync<T>(string silo, Func<T> call) => Task.Run(async () =>
    {
        Interlocked.Increment(ref _calls);
        if (_held.TryGetValue(silo, out var gate)) await gate.Task;
        var fault = Fault(silo);
        if (fault == CallFault.Lost) throw new TimeoutException();
        var answer = call();
        return fault == CallFault.ReplyLost ? throw new TimeoutException() : answer;
    });
}
