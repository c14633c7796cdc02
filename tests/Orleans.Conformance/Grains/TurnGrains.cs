using Orleans;
using Orleans.Concurrency;

namespace OrleansKv.Orleans.Conformance;

[Alias("conformance.ITurnGrain")]
public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Reads, yields, writes: loses increments if calls overlap.</summary>
    [Alias("IncrementSlowly")]
    Task<int> IncrementSlowly();

    /// <summary>Announces that it runs, then waits to be let go.</summary>
    [Alias("Hold")]
    Task Hold(string name);

    [Alias("Ping")]
    Task<string> Ping();

    [Alias("PingInterleaved"), AlwaysInterleave]
    Task<string> PingInterleaved();

    [Alias("HoldReadOnly"), ReadOnly]
    Task HoldReadOnly(string name);

    [Alias("PingReadOnly"), ReadOnly]
    Task<string> PingReadOnly();

    [Alias("PingByValueTask")]
    ValueTask<string> PingByValueTask();

    [Alias("HoldOneWay"), OneWay]
    Task HoldOneWay(string name);

    [Alias("Throw")]
    Task Throw(string message);

    /// <summary>Whether a continuation runs on the scheduler that the call began on.</summary>
    [Alias("StaysOnItsScheduler")]
    Task<bool> StaysOnItsScheduler();

    [Alias("SeesCallersFlow")]
    Task<bool> SeesCallersFlow();

    [Alias("HoldBriefly"), ResponseTimeout("00:00:01")]
    Task HoldBriefly(string name);
}

[Alias("conformance.IReentrantTurnGrain")]
public interface IReentrantTurnGrain : ITurnGrain
{
}

public class TurnGrain : Grain, ITurnGrain
{
    public static readonly AsyncLocal<bool> CallersFlow = new();

    private int _count;
    private int _inTurn;

    public async Task<int> IncrementSlowly()
    {
        Enter();
        int read = _count;
        Leave();
        await Task.Yield();
        Enter();
        _count = read + 1;
        Leave();
        return _count;
    }

    public async Task Hold(string name)
    {
        Signals.Set(name + ".held");
        await Signals.WaitAsync(name + ".release");
        Signals.Set(name + ".done");
    }

    public Task<string> Ping() => Task.FromResult("pong");

    public Task<string> PingInterleaved() => Ping();

    public Task HoldReadOnly(string name) => Hold(name);

    public Task<string> PingReadOnly() => Ping();

    public ValueTask<string> PingByValueTask() => new(Ping());

    public Task HoldOneWay(string name) => Hold(name);

    public Task Throw(string message) => throw new InvalidOperationException(message);

    public async Task<bool> StaysOnItsScheduler()
    {
        var before = TaskScheduler.Current;
        await Task.Yield();
        return before != TaskScheduler.Default && TaskScheduler.Current == before;
    }

    public Task<bool> SeesCallersFlow() => Task.FromResult(CallersFlow.Value);

    public Task HoldBriefly(string name) => Hold(name);

    private void Enter() => Assert.Equal(1, Interlocked.Increment(ref _inTurn));

    private void Leave() => Interlocked.Decrement(ref _inTurn);
}

[Reentrant]
public class ReentrantTurnGrain : TurnGrain, IReentrantTurnGrain;
