using Orleans;

namespace OrleansKv.Orleans.Conformance;

[Alias("conformance.INewsObserver")]
public interface INewsObserver : IGrainObserver
{
    [Alias("Heard")]
    void Heard(string news);
}

[Alias("conformance.INewsGrain")]
public interface INewsGrain : IGrainWithStringKey
{
    [Alias("Subscribe")]
    Task Subscribe(INewsObserver observer);

    [Alias("Publish")]
    Task Publish(string news);
}

public class NewsGrain : Grain, INewsGrain
{
    private readonly List<INewsObserver> _observers = [];

    public Task Subscribe(INewsObserver observer)
    {
        if (!_observers.Contains(observer))
            _observers.Add(observer);
        return Task.CompletedTask;
    }

    public Task Publish(string news)
    {
        foreach (var observer in _observers)
            observer.Heard(news);
        return Task.CompletedTask;
    }
}
