using Orleans;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Turns: what may run in a grain at the same time as what.</summary>
public abstract class TurnTests(ICluster cluster)
{
    private readonly string _key = Signals.NewKey();

    private ITurnGrain Grain => cluster.Client.GetGrain<ITurnGrain>(_key, typeof(TurnGrain).FullName);

    private IReentrantTurnGrain Reentrant => cluster.Client.GetGrain<IReentrantTurnGrain>(_key);

    [Fact]
    public async Task Call_ManyAtOnce_RunOneAfterTheOther()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Grain.IncrementSlowly()));

        Assert.Equal(Enumerable.Range(1, 200), counts.Order());
    }

    [Fact]
    public async Task Call_OfReentrantGrain_InterleavesButTurnsDoNotOverlap()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Reentrant.IncrementSlowly()));

        Assert.All(counts, count => Assert.InRange(count, 1, 200));
    }

    [Fact]
    public async Task Call_AfterAwait_StaysOnTheGrainsScheduler() => Assert.True(await Grain.StaysOnItsScheduler());

    [Fact]
    public async Task Call_ByAFlowWithLocals_DoesNotTakeThemAlong()
    {
        TurnGrain.CallersFlow.Value = true;

        Assert.False(await Grain.SeesCallersFlow());
        Assert.False(await Reentrant.SeesCallersFlow());
        Assert.True(TurnGrain.CallersFlow.Value);
    }

    [Fact]
    public async Task Call_WhileAnotherIsHeld_Waits()
    {
        var held = Grain.Hold(_key);
        await Signals.WaitAsync(_key + ".held");

        var ping = Grain.Ping();
        // The grain is shown to be alive and the ping to be behind: an interleaved call gets past it.
        await Grain.PingInterleaved();
        Assert.False(ping.IsCompleted);

        Signals.Set(_key + ".release");
        Assert.Equal("pong", await ping);
        await held;
    }

    [Fact]
    public async Task Call_OfReentrantGrainWhileAnotherIsHeld_Runs()
    {
        var held = Reentrant.Hold(_key);
        await Signals.WaitAsync(_key + ".held");

        Assert.Equal("pong", await Reentrant.Ping());

        Signals.Set(_key + ".release");
        await held;
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAReadOnlyIsHeld_Runs()
    {
        var held = Grain.HoldReadOnly(_key);
        await Signals.WaitAsync(_key + ".held");

        Assert.Equal("pong", await Grain.PingReadOnly());

        Signals.Set(_key + ".release");
        await held;
    }

    [Fact]
    public async Task ReadOnlyCall_WhileAWriteIsHeld_Waits()
    {
        var held = Grain.Hold(_key);
        await Signals.WaitAsync(_key + ".held");

        var ping = Grain.PingReadOnly();
        await Grain.PingInterleaved();
        Assert.False(ping.IsCompleted);

        Signals.Set(_key + ".release");
        Assert.Equal("pong", await ping);
        await held;
    }

    [Fact]
    public async Task Call_ByValueTask_ReturnsItsResult() => Assert.Equal("pong", await Grain.PingByValueTask());

    [Fact]
    public async Task Call_ThatThrows_ThrowsTheSameToTheCaller()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Grain.Throw("as asked"));

        Assert.Equal("as asked", exception.Message);
        Assert.Equal("pong", await Grain.Ping());
    }

    [Fact]
    public async Task OneWayCall_WhileHeld_HasReturned()
    {
        await Grain.HoldOneWay(_key);

        await Signals.WaitAsync(_key + ".held");
        Assert.False(Signals.IsSet(_key + ".done"));
        Signals.Set(_key + ".release");
        await Signals.WaitAsync(_key + ".done");
    }

    [Fact]
    public async Task Call_WithoutAnAnswerInTime_TimesOutAndRunsOn()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Grain.HoldBriefly(_key));

        Assert.False(Signals.IsSet(_key + ".done"));
        Signals.Set(_key + ".release");
        await Signals.WaitAsync(_key + ".done");
    }
}
