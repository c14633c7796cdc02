using Orleans;

namespace OrleansKv.Orleans.Conformance;

/// <summary>The life of an activation: begun by a call, ended at a turn boundary.</summary>
public abstract class LifeTests(ICluster cluster)
{
    private readonly string _key = Signals.NewKey();

    private ILifeGrain Grain => cluster.Client.GetGrain<ILifeGrain>(_key, typeof(LifeGrain).FullName);

    [Fact]
    public async Task Call_Twice_ReachesTheSameActivation() =>
        Assert.Equal(await Grain.GetActivation(), await Grain.GetActivation());

    [Fact]
    public async Task DeactivateOnIdle_ThenCall_ReachesAnother()
    {
        int first = await Grain.DeactivateAfterThis();

        Assert.Equal("ApplicationRequested", await Signals.WaitAsync($"{_key}.{first}.deactivated"));
        Assert.NotEqual(first, await Grain.GetActivation());
    }

    [Fact]
    public async Task DeactivateOnIdle_WithCallsWaiting_SendsThemToTheNextActivation()
    {
        var held = Grain.DeactivateAndHold(_key);
        await Signals.WaitAsync(_key + ".held");
        var waiting = Enumerable.Range(0, 20).Select(_ => Grain.GetActivation()).ToArray();

        Signals.Set(_key + ".release");

        int first = await held;
        var others = await Task.WhenAll(waiting);
        Assert.DoesNotContain(first, others);
        Assert.Single(others.Distinct());
    }

    [Fact]
    public async Task Activation_ThatFails_FailsItsCallAndIsTriedAgain()
    {
        var grain = cluster.Client.GetGrain<IFailingGrain>(_key);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(grain.Ping);

        Assert.Equal("not yet", exception.Message);
        Assert.Equal("pong", await PingUntilActivated(grain));
    }

    [Fact]
    public async Task IdleActivation_AfterItsAge_IsCollectedUnlessKeptAlive()
    {
        var idle = cluster.Client.GetGrain<IIdleGrain>(_key);
        var kept = cluster.Client.GetGrain<IKeptGrain>(_key);
        int keptActivation = await kept.GetActivation();
        int idleActivation = await idle.GetActivation();

        Assert.Equal("ActivationIdle", await Signals.WaitAsync($"{_key}.{idleActivation}.deactivated"));

        Assert.Equal(keptActivation, await kept.GetActivation());
        Assert.False(Signals.IsSet($"{_key}.{keptActivation}.deactivated"));
    }

    /// <summary>A call that still meets the failed activation fails with it, as often as it takes the runtime to be rid of it.</summary>
    private static async Task<string> PingUntilActivated(IFailingGrain grain)
    {
        const int MaxTries = 10_000;
        for (int i = 1; ; i++)
        {
            try
            {
                return await grain.Ping();
            }
            catch (InvalidOperationException) when (i < MaxTries)
            {
                await Task.Yield();
            }
        }
    }
}
