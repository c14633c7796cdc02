using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

[Alias("conformance.ITimerGrain")]
public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Ticks until three ticks are counted, then stops the timer and says so.</summary>
    [Alias("TickThrice")]
    Task TickThrice();

    /// <summary>One tick, begun while the call that asked for it is still held.</summary>
    [Alias("TickWhileHeld")]
    Task<bool> TickWhileHeld(bool interleave);

    /// <summary>Deactivates after a tick, whose token then says so.</summary>
    [Alias("TickAndDeactivate")]
    Task TickAndDeactivate();
}

public class TimerGrain : Grain, ITimerGrain
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

    private int _ticks;

    private string Key => this.GetPrimaryKeyString();

    public Task TickThrice()
    {
        IGrainTimer? timer = null;
        timer = this.RegisterGrainTimer(
            _ =>
            {
                if (++_ticks == 3)
                {
                    timer!.Dispose();
                    Signals.Set(Key + ".ticked");
                }

                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(Soon, Soon));
        return Task.CompletedTask;
    }

    public async Task<bool> TickWhileHeld(bool interleave)
    {
        this.RegisterGrainTimer(
            _ =>
            {
                Signals.Set(Key + ".ticked");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(Soon, Timeout.InfiniteTimeSpan) { Interleave = interleave });
        if (interleave)
            await Signals.WaitAsync(Key + ".ticked");
        else
            await Signals.WaitAsync(Key + ".release");
        return Signals.IsSet(Key + ".ticked");
    }

    public async Task TickAndDeactivate()
    {
        this.RegisterGrainTimer(
            cancellationToken =>
            {
                cancellationToken.Register(() => Signals.Set(Key + ".canceled"));
                Signals.Set(Key + ".ticked");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions(Soon, Timeout.InfiniteTimeSpan) { Interleave = true });
        await Signals.WaitAsync(Key + ".ticked");
        DeactivateOnIdle();
    }
}
