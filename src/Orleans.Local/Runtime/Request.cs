// Stands for Orleans.Runtime.Message as an activation sees it: something that waits its turn, runs, and ends.
namespace OrleansKv.LocalRuntime;

internal abstract class Request
{
    public abstract bool AlwaysInterleave { get; }

    public abstract bool IsReadOnly { get; }

    /// <summary>Whether the request puts off the collection of an idle activation.</summary>
    public virtual bool CountsAsUse => true;

    /// <summary>Runs in turns of the activation. Does not throw: a failure is the caller's to see.</summary>
    public abstract Task ExecuteAsync(Activation activation);

    /// <summary>Ends a request that was not executed.</summary>
    public abstract void Reject(Exception exception);

    /// <summary>Sends the request on when its activation has gone before running it; false if nobody misses it.</summary>
    /// <param name="runtime">Where to.</param>
    /// <param name="hasProgressed">Whether the activation ran anything: then the queue moves, however often it moves house.</param>
    public abstract bool TryForward(LocalRuntime runtime, bool hasProgressed);
}
