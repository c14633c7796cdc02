// Stands for Orleans.LifecycleSubject: runs the observers of a silo or an activation, stage by stage.
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed class LifecycleSubject : ISiloLifecycle, IGrainLifecycle
{
    private readonly List<Subscription> _subscriptions = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        var subscription = new Subscription(this, stage, observer);
        lock (_subscriptions)
            _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Observers of one stage start together; the first failure ends the start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in ByStage())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAll(stage.Select(subscription => subscription.Observer.OnStart(cancellationToken)));
            HighestCompletedStage = stage.Key;
        }
    }

    /// <summary>Stops the stages that completed. A failure does not keep the others from stopping; the first is thrown at the end.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        List<Exception>? failures = null;
        foreach (var stage in ByStage().Where(stage => stage.Key <= HighestCompletedStage).Reverse())
        {
            foreach (var subscription in stage)
            {
                try
                {
                    await subscription.Observer.OnStop(cancellationToken);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    (failures ??= []).Add(exception);
                }
            }

            LowestStoppedStage = stage.Key;
        }

        if (failures is not null)
            throw new AggregateException(failures);
    }

    private IGrouping<int, Subscription>[] ByStage()
    {
        lock (_subscriptions)
            return [.. _subscriptions.GroupBy(subscription => subscription.Stage).OrderBy(stage => stage.Key)];
    }

    private sealed class Subscription(LifecycleSubject owner, int stage, ILifecycleObserver observer) : IDisposable
    {
        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public void Dispose()
        {
            lock (owner._subscriptions)
                owner._subscriptions.Remove(this);
        }
    }
}
