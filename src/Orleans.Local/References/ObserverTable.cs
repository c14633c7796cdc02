// Stands for Orleans.InvokableObjectManager: the client objects that grains may call, each with one call at a time.
using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <param name="owner">The silo's address or the client's id: the first part of the key of every observer here.</param>
internal sealed class ObserverTable(string owner)
{
    private const byte Separator = (byte)'+';

    private static readonly GrainType ObserverType = GrainType.Create("sys.client");

    private readonly ConcurrentDictionary<GrainId, Observer> _observers = new();

    public static bool Owns(GrainId id) => id.Type == ObserverType;

    public string Owner => owner;

    /// <summary>The silo or client that has the observer.</summary>
    public static string OwnerOf(GrainId id)
    {
        var key = id.Key.AsSpan();
        int end = key.LastIndexOf(Separator);
        return end < 0 ? "" : Encoding.UTF8.GetString(key[..end]);
    }

    public GrainId Add(IGrainObserver target)
    {
        var id = new GrainId(ObserverType, IdSpan.Create($"{owner}{(char)Separator}{Guid.NewGuid():N}"));
        var observer = new Observer(target);
        _observers.TryAdd(id, observer);
        return id;
    }

    public void Remove(GrainId id)
    {
        if (_observers.TryRemove(id, out var observer))
            observer.Close();
    }

    /// <summary>Queues the call. One to an observer that is gone is dropped; if its caller waits, it waits for its timeout.</summary>
    public void Deliver(GrainCall call)
    {
        if (_observers.TryGetValue(call.Target, out var observer) && !observer.TryPost(call))
            Remove(call.Target);
    }

    /// <summary>Calls run in the order of their arrival, outside of any grain.</summary>
    private sealed class Observer
    {
        private readonly WeakReference<IGrainObserver> _target;
        private readonly Channel<GrainCall> _calls =
            Channel.CreateUnbounded<GrainCall>(new() { SingleReader = true });

        public Observer(IGrainObserver target)
        {
            _target = new(target);
            _ = Task.Run(RunAsync);
        }

        public bool TryPost(GrainCall call) => _target.TryGetTarget(out _) && _calls.Writer.TryWrite(call);

        public void Close() => _calls.Writer.TryComplete();

        private async Task RunAsync()
        {
            await foreach (var call in _calls.Reader.ReadAllAsync())
            {
                if (_target.TryGetTarget(out var target))
                    await call.InvokeAsync(target);
            }
        }
    }
}
