using System.Collections.Concurrent;
using OrleansKv.Contracts;
using OrleansKv.Grains;
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
internal sealed class TestForwarder : IBatchForwarder
{
    private readonly ConcurrentDictionary<string, GrainCommands> _silos = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();
    private int _underWay;

    /// <summary>Decides what becomes of a call, given the silo.</summary>
    public Func<string, CallFault> Fault { get; set; } = _ => CallFault.None;

    /// <summary>Calls made.</summary>
    public int Calls => Volatile.Read(ref _calls);

    private int _calls;

    /// <summary>Calls that are not done.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public void Add(string silo, GrainCommands commands) => _silos[silo] = commands;

    /// <summary>Calls to a silo stay where they are until <see cref="LetGo"/>.</summary>
    public void Hold(string silo) => _held[silo] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LetGo(string silo)
    {
        if (_held.TryRemove(silo, out var gate)) gate.SetResult();
    }

    public void Forward(string silo, RespBatch commands, int database, Action<RespBatch, Exception?> done)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Increment(ref _underWay);
        _ = Task.Run(async () =>
        {
            if (_held.TryGetValue(silo, out var gate)) await gate.Task;
            var fault = Fault(silo);
            var replies = fault == CallFault.Lost ? default : _silos[silo].Execute(commands, database, slotNumber: null);
            if (fault == CallFault.Garbage) replies = new RespBatch("nonsense"u8.ToArray());
            Interlocked.Decrement(ref _underWay);
            done(replies, fault is CallFault.Lost or CallFault.ReplyLost ? new TimeoutException() : null);
        });
    }
}
