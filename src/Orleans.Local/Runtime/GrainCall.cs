// Stands for Orleans.Runtime.Message and Orleans.Runtime.CallbackData: one call of a grain or an observer and its caller's wait for it.
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansKv.LocalRuntime;

internal sealed class GrainCall : Request
{
    /// <summary>A call that has met this many activations in a row that went before they ran anything is given up.</summary>
    private const int MaxForwardCount = 10;

    private readonly InvokableMethod _method;
    private readonly object?[] _arguments;
    private readonly PendingResult _pending;
    private readonly Mischief? _mischief;
    private readonly ITimer? _timeout;
    private int _forwardCount;

    public GrainCall(GrainId target, InvokableMethod method, object?[] arguments, TimeSpan timeout, TimeProvider time, Mischief? mischief)
    {
        Target = target;
        _method = method;
        _arguments = arguments;
        _mischief = mischief;
        _pending = method.Shape.NewPending();
        if (method.IsOneWay)
            _pending.TrySetResult(null);
        else
            _timeout = time.CreateTimer(static call => ((GrainCall)call!).TimeOut(), this, timeout, Timeout.InfiniteTimeSpan);
    }

    public GrainId Target { get; }

    public Type InterfaceType => _method.InterfaceType;

    /// <summary>What the caller gets at once: the task of the result.</summary>
    public object? Returned => _pending.Returned;

    public override bool AlwaysInterleave => _method.AlwaysInterleave;

    public override bool IsReadOnly => _method.IsReadOnly;

    public override async Task ExecuteAsync(Activation activation)
    {
        var failure = await InvokeAsync(activation.GrainInstance!);
        if (failure is InconsistentStateException)
            activation.Deactivate(new(DeactivationReasonCode.ApplicationError, failure, "The state in storage is another's by now."));
        else if (_mischief?.RollsDeactivation() == true)
            activation.Deactivate(new(DeactivationReasonCode.RuntimeRequested, "Mischief."));
    }

    /// <summary>Runs the method on its target and answers the caller; returns the exception that was the answer.</summary>
    public async Task<Exception?> InvokeAsync(object target)
    {
        try
        {
            object? result = await _method.InvokeAsync(target, _arguments);
            if (_mischief?.RollsLostReply() == true)
                TimeOut();
            else if (Ends())
                _pending.TrySetResult(result);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Reject(exception);
            return exception;
        }
    }

    public override void Reject(Exception exception)
    {
        if (Ends())
            _pending.TrySetException(exception);
    }

    public override bool TryForward(LocalRuntime runtime, bool hasProgressed)
    {
        _forwardCount = hasProgressed ? 0 : _forwardCount + 1;
        if (_forwardCount > MaxForwardCount)
            Reject(new OrleansMessageRejectionException($"{this} was forwarded {MaxForwardCount} times and found no activation that stays."));
        else
            runtime.Deliver(this);
        return true;
    }

    public override string ToString() => $"{_method} on {Target}";

    private void TimeOut() => Reject(new TimeoutException($"Response did not arrive on time for {this}."));

    /// <summary>A one-way call has ended for its caller before it began.</summary>
    private bool Ends()
    {
        _timeout?.Dispose();
        return !_method.IsOneWay;
    }
}
