// Stands for nothing in Orleans: it does, on purpose and often, what Orleans may do seldom, so that tests meet it.
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>Probabilities between 0 and 1, per call; all zero by default.</summary>
public sealed class MischiefOptions
{
    /// <summary>Of the dice. Thread timing is not part of it: a seed repeats the choices, not the schedule.</summary>
    public int Seed { get; set; }

    /// <summary>That a call is held back so that later ones overtake it.</summary>
    public double Reorder { get; set; }

    /// <summary>That a call runs but its caller sees a <see cref="TimeoutException"/>.</summary>
    public double LostReply { get; set; }

    /// <summary>That a grain gets a second activation that takes some of its calls for a while.</summary>
    public double SecondActivation { get; set; }

    /// <summary>That the activation is deactivated after the call.</summary>
    public double Deactivation { get; set; }

    internal bool IsOn => Reorder + LostReply + SecondActivation + Deactivation > 0;
}

public static class MischiefExtensions
{
    public static ISiloBuilder AddMischief(this ISiloBuilder builder, Action<MischiefOptions> configure) => builder.Configure(configure);
}

internal sealed class Mischief(LocalRuntime runtime, MischiefOptions options)
{
    private const int MaxHeldCalls = 16;
    private const int CallsPerTwin = 8;

    /// <summary>A held call that nothing overtakes is released after this long.</summary>
    private static readonly TimeSpan HoldLimit = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private readonly Random _dice = new(options.Seed);
    private readonly List<(GrainCall Call, ITimer Timer)> _held = [];
    private readonly Dictionary<GrainId, (Activation Twin, int CallsLeft)> _twins = [];

    public bool RollsLostReply() => Rolls(options.LostReply);

    public bool RollsDeactivation() => Rolls(options.Deactivation);

    /// <summary>Delivers the call now, or later and after others.</summary>
    public void Reorder(GrainCall call)
    {
        GrainCall? released = null;
        lock (_gate)
        {
            if (_dice.NextDouble() < options.Reorder && _held.Count < MaxHeldCalls)
            {
                _held.Add((call, runtime.Time.CreateTimer(_ => Release(call), null, HoldLimit, Timeout.InfiniteTimeSpan)));
                return;
            }

            if (_held.Count > 0)
                released = _held[_dice.Next(_held.Count)].Call;
        }

        runtime.Deliver(call);
        if (released is not null)
            Release(released);
    }

    /// <summary>The activation that takes the call: the grain's own or, for a few calls, a twin of it.</summary>
    public Activation Divert(GrainId grain, Activation activation)
    {
        lock (_gate)
        {
            if (!_twins.TryGetValue(grain, out var entry))
            {
                if (_dice.NextDouble() >= options.SecondActivation)
                    return activation;
                entry = (runtime.NewTwin(grain), CallsPerTwin);
            }

            if (entry.CallsLeft == 0)
            {
                _twins.Remove(grain);
                entry.Twin.Deactivate(new(DeactivationReasonCode.DuplicateActivation, "The grain has another activation."));
                return activation;
            }

            _twins[grain] = (entry.Twin, entry.CallsLeft - 1);
            return _dice.Next(2) == 0 ? entry.Twin : activation;
        }
    }

    /// <summary>The twins, which the directory does not know, for the silo to end.</summary>
    public Activation[] TakeTwins()
    {
        lock (_gate)
        {
            Activation[] twins = [.. _twins.Values.Select(entry => entry.Twin)];
            _twins.Clear();
            return twins;
        }
    }

    private void Release(GrainCall call)
    {
        lock (_gate)
        {
            int index = _held.FindIndex(held => held.Call == call);
            if (index < 0)
                return;
            _held[index].Timer.Dispose();
            _held.RemoveAt(index);
        }

        runtime.Deliver(call);
    }

    private bool Rolls(double probability)
    {
        lock (_gate)
            return _dice.NextDouble() < probability;
    }
}
