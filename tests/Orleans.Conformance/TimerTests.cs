using Orleans;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Grain timers: ticks are turns, and end with the activation.</summary>
public abstract class TimerTests(ICluster cluster)
{
    private readonly string _key = Signals.NewKey();

    private ITimerGrain Grain => cluster.Client.GetGrain<ITimerGrain>(_key);

    [Fact]
    public async Task Timer_Periodic_TicksUntilDisposed()
    {
        await Grain.TickThrice();

        await Signals.WaitAsync(_key + ".ticked");
    }

    [Fact]
    public async Task Timer_Interleaving_TicksDuringACall() => Assert.True(await Grain.TickWhileHeld(interleave: true));

    [Fact]
    public async Task Timer_NotInterleaving_TicksAfterTheCall()
    {
        var held = Grain.TickWhileHeld(interleave: false);
        // A tick that would wrongly run meanwhile has had its time once another grain's later timer has ticked three times.
        var other = cluster.Client.GetGrain<ITimerGrain>(_key + "other");
        await other.TickThrice();
        await Signals.WaitAsync(_key + "other.ticked");
        Signals.Set(_key + ".release");

        Assert.False(await held);
        await Signals.WaitAsync(_key + ".ticked");
    }

    [Fact]
    public async Task Timer_OfADeactivatedGrain_IsCanceled()
    {
        await Grain.TickAndDeactivate();

        await Signals.WaitAsync(_key + ".canceled");
    }
}
