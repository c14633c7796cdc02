using Orleans;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Observers: objects of a client that grains call.</summary>
public abstract class ObserverTests(ICluster cluster)
{
    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task Observer_Subscribed_HearsWhatIsPublished()
    {
        var listener = new Listener();
        var reference = cluster.Client.CreateObjectReference<INewsObserver>(listener);
        var grain = cluster.Client.GetGrain<INewsGrain>(_key);
        await grain.Subscribe(reference);

        await grain.Publish(_key);

        await Signals.WaitAsync(_key + ".heard");
        cluster.Client.DeleteObjectReference<INewsObserver>(reference);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Observer_SubscribedTwice_IsOne()
    {
        var listener = new Listener();
        var reference = cluster.Client.CreateObjectReference<INewsObserver>(listener);
        var grain = cluster.Client.GetGrain<INewsGrain>(_key);
        await grain.Subscribe(reference);
        await grain.Subscribe(reference);

        await grain.Publish("first");
        await grain.Publish(_key);

        await Signals.WaitAsync(_key + ".heard");
        Assert.Equal(2, listener.Count);
        cluster.Client.DeleteObjectReference<INewsObserver>(reference);
    }

    [Fact]
    public async Task Observer_Deleted_HearsNothingAndHarmsNothing()
    {
        var listener = new Listener();
        var other = new Listener();
        var reference = cluster.Client.CreateObjectReference<INewsObserver>(listener);
        var otherReference = cluster.Client.CreateObjectReference<INewsObserver>(other);
        var grain = cluster.Client.GetGrain<INewsGrain>(_key);
        await grain.Subscribe(reference);
        await grain.Subscribe(otherReference);
        cluster.Client.DeleteObjectReference<INewsObserver>(reference);

        await grain.Publish(_key);

        await Signals.WaitAsync(_key + ".heard");
        Assert.Equal(0, listener.Count);
        Assert.Equal(1, other.Count);
        cluster.Client.DeleteObjectReference<INewsObserver>(otherReference);
    }

    private sealed class Listener : INewsObserver
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Heard(string news)
        {
            Interlocked.Increment(ref _count);
            Signals.Set(news + ".heard");
        }
    }
}
