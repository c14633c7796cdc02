using Orleans;

namespace OrleansKv.Orleans.Conformance;

[Alias("conformance.ILifeGrain")]
public interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>Which activation answers: a number that differs for each.</summary>
    [Alias("GetActivation")]
    Task<int> GetActivation();

    [Alias("DeactivateAfterThis")]
    Task<int> DeactivateAfterThis();

    /// <summary>Asks for deactivation, then stays in the call until released.</summary>
    [Alias("DeactivateAndHold")]
    Task<int> DeactivateAndHold(string name);
}

[Alias("conformance.IIdleGrain")]
public interface IIdleGrain : ILifeGrain
{
}

[Alias("conformance.IKeptGrain")]
public interface IKeptGrain : ILifeGrain
{
}

[Alias("conformance.IFailingGrain")]
public interface IFailingGrain : IGrainWithStringKey
{
    [Alias("Ping")]
    Task<string> Ping();
}

public class LifeGrain : Grain, ILifeGrain
{
    private static int s_lastActivation;

    private readonly int _activation = Interlocked.Increment(ref s_lastActivation);
    private bool _isActivated;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _isActivated = true;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Set($"{this.GetPrimaryKeyString()}.{_activation}.deactivated", reason.ReasonCode.ToString());
        return Task.CompletedTask;
    }

    public Task<int> GetActivation()
    {
        Assert.True(_isActivated);
        return Task.FromResult(_activation);
    }

    public Task<int> DeactivateAfterThis()
    {
        DeactivateOnIdle();
        return GetActivation();
    }

    public async Task<int> DeactivateAndHold(string name)
    {
        DeactivateOnIdle();
        Signals.Set(name + ".held");
        await Signals.WaitAsync(name + ".release");
        return _activation;
    }
}

public class IdleGrain : LifeGrain, IIdleGrain;

[KeepAlive]
public class KeptGrain : LifeGrain, IKeptGrain;

/// <summary>Fails its first activation and succeeds after that.</summary>
public class FailingGrain : Grain, IFailingGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var name = this.GetPrimaryKeyString() + ".tried";
        if (Signals.IsSet(name))
            return Task.CompletedTask;
        Signals.Set(name);
        throw new InvalidOperationException("not yet");
    }

    public Task<string> Ping() => Task.FromResult("pong");
}
